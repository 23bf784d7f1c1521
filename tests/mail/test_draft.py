#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts, read again by Python's email package: what was given is what is there."""
import base64
import email
import email.policy
from email.header import decode_header, make_header
from email.utils import getaddresses
import random

import pytest

BASE = [('from', 'News <news@customer.example>'), ('to', 'a@recipient.example'),
        ('subject', 'Hello'), ('text', 'Hello\n'), ('message_id', '1@customer.example'),
        ('date', '1795308561')]

SUBJECTS = [
    'Hello', '', 'two  blanks', ' outer blanks ', 'x' * 70, 'x' * 400, 'x' * 5000,
    'many words ' * 40 + 'end', 'Gr\u00fc\u00dfe aus K\u00f6ln', '\u682a\u5f0f\u4f1a\u793e' * 40,
    '\U0001f4ec' * 60, 'a' + '\u00e9' * 100, '=?utf-8?B?aGVsbG8=?=', 'a=b?c', 'tail=?',
    'colon: and, comma; "quotes" <angles> (round)', '1\u00bd ' * 30,
]
MAILBOXES = [
    ('a@b.example', '', 'a@b.example'),
    ('<a@b.example>', '', 'a@b.example'),
    ('News <a@b.example>', 'News', 'a@b.example'),
    ('"Doe, John" <a@b.example>', 'Doe, John', 'a@b.example'),
    ('"say \\"hi\\" \\\\" <a@b.example>', 'say "hi" \\', 'a@b.example'),
    ('\u682a\u5f0f\u4f1a\u793e <a@b.example>', '\u682a\u5f0f\u4f1a\u793e', 'a@b.example'),
    ('"M\u00fcller, J\u00f6rg" <a@b.example>', 'M\u00fcller, J\u00f6rg', 'a@b.example'),
    ('=?utf-8?B?w7w=?= <a@b.example>', '\u00fc', 'a@b.example'),
    ('"' + 'word ' * 30 + 'end" <a@b.example>', 'word ' * 30 + 'end', 'a@b.example'),
    ('\u65e5' * 100 + ' <a@b.example>', '\u65e5' * 100, 'a@b.example'),
    ('"a b"@b.example', '', '"a b"@b.example'),
    ('"news"@B.example', '', 'news@b.example'),
    ('info@b\u00fccher.example', '', 'info@xn--bcher-kva.example'),
    ('x' * 64 + '@' + 'y' * 60 + '.example', '', 'x' * 64 + '@' + 'y' * 60 + '.example'),
]
BODIES = [
    'Hello\n', 'no end', '\n', '\n\nx\n\n', 'a = b\n', 'trailing blanks  \t\n\t\nx \n',
    '.\n..\n',
    'From here\n', 'x' * 2000 + '\n', '.' * 500, ' ' * 300 + '\n',
    '\u682a\u5f0f\u4f1a\u793e\n' * 50, 'Gr\u00fc\u00dfe, ' * 60 + '\n', 'cr\r\nlf\n',
    '\t\x0b\x0c\x01\n', '--=_x\n--\n', '\U0001f4ec', '=\n==',
    '<p>caf\u00e9</p>\n',
]


def draft(driver, changes, base=BASE):
    """`changes` replace fields of the same name in the base."""
    names = {name for name, _ in changes}
    pairs = [p for p in base if p[0] not in names] + [c for c in changes if c[1] is not None]
    lines = [f'{name} ' + base64.b64encode(
        value if isinstance(value, bytes) else value.encode()).decode()
        for name, value in pairs]
    return driver.run(['draft'], '\n'.join(lines).encode())


def read(driver, changes):
    status, out, error = draft(driver, changes)
    assert status == 0, error
    check_lines(out)
    return email.message_from_bytes(out, policy=email.policy.default)


def check_lines(message):
    """Only CRLF; nothing but ASCII; no line beyond what SMTP carries."""
    assert message.isascii()
    assert b'\n' not in message.replace(b'\r\n', b'') and b'\r' not in message.replace(b'\r\n', b'')
    header = message.split(b'\r\n\r\n')[0]
    for line in message.split(b'\r\n'):
        assert len(line) <= 998 and not line.startswith(b'.')
    for line in header.split(b'\r\n'):
        assert line.strip() and (len(line) <= 78 or len(line.split()) <= 2), line


def body_of(part):
    return part.get_content().replace('\r\n', '\n')


def mailboxes_of(message, field):
    """Names are decoded by email.header: the newer parser of Python 3.11 leaves a blank
    between two encoded words of one name, against RFC 2047 section 6.2."""
    raw = message.as_bytes(policy=email.policy.compat32.clone(max_line_length=0))
    value = email.message_from_bytes(raw)[field].replace('\r\n', '\n').replace('\n', '')
    names = [str(make_header(decode_header(name))) for name, _ in getaddresses([value])]
    return list(zip(names, [a.addr_spec for a in message[field].addresses]))


@pytest.mark.parametrize('subject', SUBJECTS, ids=range(len(SUBJECTS)))
def test_subject_comes_back(driver, subject):
    assert read(driver, [('subject', subject)])['subject'] == subject


@pytest.mark.parametrize('mailbox', MAILBOXES, ids=range(len(MAILBOXES)))
@pytest.mark.parametrize('field', ['from', 'to', 'cc', 'reply_to'])
def test_mailbox_comes_back(driver, field, mailbox):
    given, name, address = mailbox
    message = read(driver, [(field, given)])
    assert mailboxes_of(message, field.replace('_', '-')) == [(name, address)]


def test_all_of_a_list_come_back(driver):
    given = [('to', m[0]) for m in MAILBOXES] * 3
    assert mailboxes_of(read(driver, given), 'to') == [m[1:] for m in MAILBOXES] * 3


@pytest.mark.parametrize('body', BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize('kind', ['text', 'html'])
def test_one_body_comes_back(driver, kind, body):
    message = read(driver, [('text', None), (kind, body)])
    assert message.get_content_type() == {'text': 'text/plain', 'html': 'text/html'}[kind]
    # Python ends the last line of a text that it decodes from quoted-printable as it is.
    assert body_of(message) == body.replace('\r\n', '\n')


@pytest.mark.parametrize('body', BODIES, ids=range(len(BODIES)))
def test_two_bodies_are_alternatives(driver, body):
    message = read(driver, [('text', body), ('html', '<p>' + body)])
    assert message.get_content_type() == 'multipart/alternative'
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ('text/plain', 'text/html')
    assert body_of(plain) == body.replace('\r\n', '\n')
    assert body_of(html) == '<p>' + body.replace('\r\n', '\n')


def test_the_fixed_fields_are_right(driver):
    message = read(driver, [('List-Unsubscribe', '<https://customer.example/' + 'u' * 400 + '>'),
                            ('X-Note', 'caf\u00e9')])
    assert message['date'].datetime.isoformat() == '2026-11-22T00:49:21+00:00'
    assert message['date'].startswith('Sun, 22 Nov 2026 00:49:21')
    assert message['message-id'] == '<1@customer.example>'
    assert message['mime-version'] == '1.0'
    assert message['list-unsubscribe'] == '<https://customer.example/' + 'u' * 400 + '>'
    assert message['x-note'] == 'caf\u00e9'
    assert not message.defects


REFUSED = {
    'line break in the subject': [('subject', 'a\r\nBcc: x@y.example')],
    'line feed in the subject': [('subject', 'a\nb')],
    'carriage return in the subject': [('subject', 'a\rb')],
    'NUL in the subject': [('subject', 'a\0b')],
    'bidi override in the subject': [('subject', 'a\u202eb')],
    'no UTF-8 in the subject': [('subject', b'a\xff')],
    'no From': [('from', '')],
    'two From': [('from', 'a@b.example, c@d.example')],
    'From with a line break': [('from', 'a@b.example\r\nBcc: x@y.example')],
    'To with a line break': [('to', 'N\r\nX: y <a@b.example>')],
    'group in To': [('to', 'F: a@b.example;')],
    'empty To': [('to', '')],
    'bad Reply-To': [('reply_to', 'nobody')],
    'no UTF-8 in the text': [('text', b'\xff')],
    'no UTF-8 in the HTML': [('html', b'\xed\xa0\x80')],
    'line break in the message id': [('message_id', 'a\r\nb')],
    'angle in the message id': [('message_id', 'a>b')],
    'own field': [('Subject:', 'x')],
    'From as a further field': [('FROM', 'x@y.example')],
    'signature as a further field': [('DKIM-Signature', 'v=1')],
    'Bcc as a further field': [('Bcc', 'x@y.example')],
    'line break in a further field': [('X-Note', 'a\r\nBcc: x@y.example')],
    'folded further field': [('X-Note', 'a\r\n b')],
    'UTF-8 in a field name': [('X-N\u00f6te', 'a')],
    'endless word in a further field': [('X-Note', 'x' * 1000)],
    'date out of range': [('date', '999999999999999')],
}


@pytest.mark.parametrize('name', REFUSED)
def test_what_could_end_a_field_is_refused(driver, name):
    status, out, error = draft(driver, REFUSED[name])
    assert status == 1 and out == b'' and error.startswith('mail_driver: ')


def test_texts_made_by_dice_come_back(driver):
    alphabet = 'ab =.\t\n\u00e9\u65e5\U0001f4ec"<>@'
    for seed in range(150):
        dice = random.Random(seed)
        body = ''.join(dice.choices(alphabet, weights=[30, 30, 9, 3, 3, 2, 3] +
                                    [dice.choice([0, 0, 9])] * 3 + [1] * 4,
                                    k=dice.randint(0, 600)))
        subject = ' '.join(body.split())[:dice.choice([10, 60, 300])].strip()
        message = read(driver, [('text', body), ('subject', subject)])
        assert body_of(message) == body, seed
        assert message['subject'] == subject, seed
