#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the tables behind which a library is loaded late: see library.h.

    library.py late|linked LIST HEADER SOURCE
    library.py all OUTPUT LIST...

LIST: lines `soname`, `package`, `purpose`, `header` (several) with what they say, then the
name of a function a line; `#` begins a comment. With `linked` the header is the library's
own and nothing else. `all` makes one table of the libraries for those who ask about all.
"""
import json
import os
import sys

HEAD = '/* Made by src/base/library.py from {0}. */\n'


class Library:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix('.functions')
        self.part = os.path.basename(os.path.dirname(path))
        self.words, self.headers, self.functions = {}, [], []
        with open(path, encoding='utf-8') as f:
            for line in f:
                self.take(line.split('#')[0].strip())
        if self.functions != sorted(set(self.functions)):
            sys.exit(f'{path}: the functions are not in order, or one is there twice')

    def take(self, line):
        word, _, rest = line.partition(' ')
        if word == 'header':
            self.headers.append(rest)
        elif rest:
            self.words[word] = rest
        elif word:
            self.functions.append(word)

    def header(self, is_late):
        guard = f'{self.part}_{self.name}_FUNCTIONS_H'.upper()
        out = [HEAD.format(self.name + '.functions'), f'#ifndef {guard}', f'#define {guard}',
               '', *(f'#include <{h}>' for h in self.headers), '']
        if is_late:
            out += [f'struct {self.name}_functions {{',
                    *(f'\t__typeof__({n}) *{n};' for n in self.functions), '};', '',
                    f'const struct {self.name}_functions *{self.name}_functions(void);', '']
            for n in self.functions:
                out += [f'#undef {n}', f'#define {n} ({self.name}_functions()->{n})']
            out += ['']
        return '\n'.join([*out, '#endif', ''])

    def note(self):
        """What tells tools of packagers about the library: systemd's ELF note of dlopen."""
        text = json.dumps([{'feature': self.name, 'description': self.words['purpose'],
                            'priority': 'required', 'soname': [self.words['soname']]}])
        quoted = json.dumps(text)
        return ['static const struct {', '\tunsigned name_size, text_size, type;',
                '\tchar name[4];', f'\t_Alignas(4) char text[sizeof({quoted})];',
                '} note __attribute__((used, aligned(4), section(".note.dlopen"))) = {',
                f'\t4, sizeof({quoted}), 0x407c0c0a, "FDO", {quoted}', '};', '']

    def constant(self):
        words = self.words
        return [f'static const char *const names[] = {{',
                *(f'\t"{n}",' for n in self.functions), '};', '',
                f'static const struct library library = {{', f'\t"{words["soname"]}",',
                f'\t"{words["package"]}",', f'\t"{words["purpose"]}",', '\tnames,',
                f'\t{len(self.functions)},', '};', '']

    def source(self, is_late):
        out = [HEAD.format(self.name + '.functions')]
        if not is_late:
            return '\n'.join([*out, f'#include "{self.part}/{self.name}_functions.h"', ''])
        out += ['#include <pthread.h>', '', '#include "base/library.h"',
                f'#include "{self.part}/{self.name}_functions.h"', '']
        out += self.note() + self.constant()
        return '\n'.join(
            [*out, 'static union {', f'\tstruct {self.name}_functions named;',
             f'\tvoid *all[{len(self.functions)}];', '} functions;', '',
             'static void load(void)', '{', '\tlibrary_need(&library, functions.all);', '}',
             '', f'const struct {self.name}_functions *{self.name}_functions(void)', '{',
             '\tstatic pthread_once_t once = PTHREAD_ONCE_INIT;', '',
             '\tpthread_once(&once, load);', '\treturn &functions.named;', '}', ''])


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def table_of_all(paths):
    out = [HEAD.format('the lists of functions'), '#include "cmd/libraries.h"', '']
    libraries = [Library(p) for p in sorted(paths)]
    for lib in libraries:
        text = '\n'.join(lib.constant())
        for old, new in ((' names', f' {lib.name}_names'), ('\tnames', f'\t{lib.name}_names'),
                         ('library library', f'library {lib.name}')):
            text = text.replace(old, new)
        out += [text]
    out += ['static const struct library *const all[] = {',
            *(f'\t&{lib.name},' for lib in libraries), '\tNULL,', '};', '',
            'const struct library *const *libraries(void)', '{', '\treturn all;', '}', '']
    return '\n'.join(out)


def main():
    if sys.argv[1] == 'all':
        write(sys.argv[2], table_of_all(sys.argv[3:]))
        return
    is_late, library = sys.argv[1] == 'late', Library(sys.argv[2])
    write(sys.argv[3], library.header(is_late))
    write(sys.argv[4], library.source(is_late))


if __name__ == '__main__':
    main()
