#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The translations are whole; and tools/texts, which says so, finds each fault in small trees."""
import os
import shutil
import subprocess

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
SOURCE = 'void f(void)\n{\n\tg(lang_text(lang, "the zone is %s"));\n\th(LANG_MARK("two "\n' \
         '\t\t"parts"));\n}\n'
PAGE = 'export const a = t("in {n} days", { n });\nexport const b = [mark("one " +\n  "word")];\n'
WHOLE = {'the zone is %s': 'ゾーンは %s です', 'two parts': '2 つの部分',
         'in {n} days': '{n} 日後', 'one word': '1 語'}


def test_every_text_of_the_product_is_translated():
    got = subprocess.run([os.path.join(ROOT, 'tools', 'texts'), 'check'],
                         capture_output=True, text=True, timeout=120)
    assert got.returncode == 0, got.stdout + got.stderr


def write_tree(tmp_path, texts, source=SOURCE, more=''):
    for name, text in {'src/a/a.c': source, 'console/src/a.tsx': PAGE}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    entries = [f'msgid "{english}"\nmsgstr "{translated}"\n\n'
               for english, translated in texts.items()]
    (tmp_path / 'po').mkdir()
    (tmp_path / 'po' / 'ja.po').write_text(HEAD + ''.join(entries) + more)
    (tmp_path / 'tools').mkdir()
    shutil.copy(os.path.join(ROOT, 'tools', 'texts'), tmp_path / 'tools')


def texts(tmp_path, *words):
    return subprocess.run([str(tmp_path / 'tools' / 'texts'), *words], capture_output=True,
                          text=True, timeout=60)


def check(tmp_path):
    got = texts(tmp_path, 'check')
    return got.returncode, (got.stdout + got.stderr).splitlines()


def test_a_whole_translation_passes(tmp_path):
    write_tree(tmp_path, WHOLE)
    assert check(tmp_path) == (0, ['texts: 4 texts, 1 translations, 0 findings'])


FAULTS = [
    ('missing', {**WHOLE, 'two parts': ''}, 'po/ja.po: missing: "two parts"'),
    ('left out', {k: v for k, v in WHOLE.items() if k != 'one word'},
     'po/ja.po: missing: "one word"'),
    ('left over', {**WHOLE, 'an old text': '古い'},
     'po/ja.po: holds texts that no source has (tools/texts update)'),
    ('still English', {**WHOLE, 'two parts': 'two parts'},
     'po/ja.po: still English: "two parts"'),
    ('a blank of the console is lost', {**WHOLE, 'in {n} days': '数日後'},
     'po/ja.po: other blanks than the English text: "in {n} days"'),
]


@pytest.mark.parametrize('name, translations, line', FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_is_found(tmp_path, name, translations, line):
    write_tree(tmp_path, translations)
    status, lines = check(tmp_path)
    assert status == 1 and line in lines


def test_a_fuzzy_text_is_found(tmp_path):
    write_tree(tmp_path, {k: v for k, v in WHOLE.items() if k != 'two parts'},
               more='#, fuzzy\nmsgid "two parts"\nmsgstr "部分"\n')
    status, lines = check(tmp_path)
    assert status == 1 and 'po/ja.po: fuzzy: "two parts"' in lines


def test_another_format_is_refused(tmp_path):
    write_tree(tmp_path, {k: v for k, v in WHOLE.items() if '%' not in k},
               more='#, c-format\nmsgid "the zone is %s"\nmsgstr "ゾーンは %u です"\n')
    status, lines = check(tmp_path)
    assert status == 1 and any('format' in line for line in lines)


def test_new_files_are_read_and_what_cannot_be_extracted_is_told(tmp_path):
    write_tree(tmp_path, WHOLE)
    (tmp_path / 'src' / 'b').mkdir()
    (tmp_path / 'src' / 'b' / 'new.c').write_text('const char *a = LANG_MARK("a new text");\n')
    status, lines = check(tmp_path)
    assert status == 1 and 'po/ja.po: missing: "a new text"' in lines


def test_updating_adds_what_is_new_and_drops_what_is_gone(tmp_path):
    write_tree(tmp_path, {**WHOLE, 'an old text': '古い'},
               source=SOURCE + 'const char *a = LANG_MARK("a new text");\n')
    assert texts(tmp_path, 'update').returncode == 0
    got = (tmp_path / 'po' / 'ja.po').read_text()
    assert 'msgid "a new text"\nmsgstr ""' in got and 'an old text' not in got
    assert 'msgstr "ゾーンは %s です"' in got


def test_the_console_gets_its_own_texts_only(tmp_path):
    write_tree(tmp_path, WHOLE)
    assert texts(tmp_path, 'console', str(tmp_path)).returncode == 0
    got = (tmp_path / 'ja.json').read_text()
    assert got == '{\n "in {n} days": "{n} 日後",\n "one word": "1 語"\n}\n'
