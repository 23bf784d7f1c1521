#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our signatures, verified by dkimpy: of odd messages, and of messages made by dice."""
import random
import re

import dkim
import pytest

DOMAIN, SELECTOR = 'customer.example', 'k2f4'
GENERATED = 400
BLANKS = ['', ' ', '  ', '\t', ' \t ']


@pytest.fixture(scope='module')
def key(driver, tmp_path_factory):
    path = str(tmp_path_factory.mktemp('dkim') / 'key.der')
    return path, driver.must(['key', path])


def sign(driver, key, message):
    return driver.must(['sign', key[0], DOMAIN, SELECTOR], message)


def verify(message, key):
    """As it arrives: SMTP ends the last line."""
    if not message.endswith(b'\r\n'):
        message += b'\r\n'

    def ask(name, timeout=5):
        assert name == f'{SELECTOR}._domainkey.{DOMAIN}.'.encode()
        return key[1]
    try:
        return dkim.DKIM(message).verify(dnsfunc=ask)
    except dkim.DKIMException:
        return False


def signature_field(signed):
    return re.match(rb'DKIM-Signature:.*?\r\n(?![ \t])', signed, re.S)[0]


ODD = {
    'plain': b'From: a@customer.example\r\nSubject: x\r\n\r\nhello\r\n',
    'no body': b'From: a@customer.example\r\n\r\n',
    'header only': b'From: a@customer.example\r\n',
    'body of empty lines': b'From: a@customer.example\r\n\r\n\r\n\r\n\r\n',
    'body of blanks': b'From: a@customer.example\r\n\r\n \t \r\n  \r\n',
    'body of blanks, unended': b'From: a@customer.example\r\n\r\n \t ',
    'trailing empty lines': b'From: a@customer.example\r\n\r\nx\r\n\r\n\r\n',
    'unended line': b'From: a@customer.example\r\n\r\nno end of line',
    'unended with blanks': b'From: a@customer.example\r\n\r\nx  \t',
    'blanks in lines': b'From: a@customer.example\r\n\r\n  a \t b  \r\n\tc\r\n \r\nd\r\n',
    'folded fields': b'From:\r\n a@customer.example\r\nSubject: a\r\n\tb\r\n   c  \r\n\r\nx\r\n',
    'blanks in fields': b'From:   a@customer.example \t\r\nSubject:\ta  b\t c \r\n\r\nx\r\n',
    'empty fields': b'From: a@customer.example\r\nSubject:\r\nTo: \r\nCc:\t\r\n\r\nx\r\n',
    'odd case': b'FROM: a@customer.example\r\nsUBJECT: x\r\nmessage-id: <1@x>\r\n\r\nx\r\n',
    'two of a kind': b'Subject: 1\r\nFrom: a@customer.example\r\nTo: b@x.example\r\n'
                     b'Subject: 2\r\nTo: c@x.example\r\n\r\nx\r\n',
    'long line': b'From: a@customer.example\r\n\r\n' + b'x' * 20000 + b'\r\n',
    'long field': b'From: a@customer.example\r\nSubject: ' + b'x ' * 5000 + b'y\r\n\r\nx\r\n',
    '8-bit': b'From: a@customer.example\r\nSubject: \xe4\xff\r\n\r\n\x80\xff\xfe\r\n',
    'controls': b'From: a@customer.example\r\nSubject: a\x0bb \x0cc\r\n\r\nx\x0b \x0cy\r\n',
    'dots': b'From: a@customer.example\r\n\r\n.\r\n..\r\n',
    'signed before': b'DKIM-Signature: v=1; a=x; b=\r\nFrom: a@customer.example\r\n\r\nx\r\n',
    'all fields': b''.join(name + b': value of it\r\n' for name in [
        b'List-Unsubscribe-Post', b'List-Unsubscribe', b'Content-Transfer-Encoding',
        b'Content-Type', b'MIME-Version', b'Message-ID', b'Cc', b'To', b'Date', b'Subject',
        b'Reply-To', b'Sender', b'From', b'X-Other']) + b'\r\nx\r\n',
}


@pytest.mark.parametrize('name', ODD)
def test_an_odd_message_verifies(driver, key, name):
    signed = sign(driver, key, ODD[name])
    assert signed.endswith(ODD[name])
    assert verify(signed, key)


def make_words(dice, alphabet):
    words = (''.join(dice.choices(alphabet, k=dice.randint(1, 12)))
             for _ in range(dice.randint(0, 9)))
    return dice.choice(BLANKS) + ''.join(w + dice.choice(BLANKS[1:]) for w in words)


def make_field(dice, name):
    value = dice.choice(BLANKS) + make_words(dice, 'abcXYZ=;:,<>"\u00fc\u65e5')
    while dice.random() < 0.3:
        value += '\r\n' + dice.choice([' ', '\t', '  \t']) + 'z' + make_words(dice, 'ab;=')
    return f'{name}:{value}\r\n'


def make_message(seed):
    """Any fields in any order and number, and lines of any kind."""
    dice = random.Random(seed)
    names = ['To', 'tO', 'Subject', 'SUBJECT', 'Cc', 'Date', 'Message-ID', 'Reply-To',
             'Content-Type', 'X-Own', 'List-Unsubscribe', 'Received', 'MIME-Version']
    chosen = dice.choices(names, k=dice.randint(0, 14)) + [dice.choice(['From', 'from'])]
    dice.shuffle(chosen)
    header = ''.join(make_field(dice, name) for name in chosen).encode()
    lines = [make_words(dice, 'ab.=\u00e9\u3042').encode() for _ in range(dice.randint(0, 12))]
    lines += [dice.choice(BLANKS).encode() for _ in range(dice.choice([0, 0, 1, 4]))]
    if dice.random() < 0.2:
        lines.append(bytes(dice.choice(range(128, 256)) for _ in range(2000)))
    return header + b'\r\n' + b'\r\n'.join(lines) + dice.choice([b'', b'\r\n', b'\r\n\r\n'])


def test_messages_made_by_dice_verify(driver, key):
    for seed in range(GENERATED):
        signed = sign(driver, key, make_message(seed))
        assert verify(signed, key), f'message {seed} does not verify'


def test_relays_may_change_blanks_and_nothing_else(driver, key):
    signed = sign(driver, key, ODD['all fields'])
    assert verify(signed.replace(b'value of it', b'value  of\r\n\t it'), key)
    assert verify(signed + b'\r\n\r\n', key)
    assert not verify(signed.replace(b'\r\nx\r\n', b'\r\ny\r\n'), key)
    assert not verify(signed + b'more\r\n', key)
    for name in ['List-Unsubscribe-Post', 'List-Unsubscribe', 'Content-Transfer-Encoding',
                 'Content-Type', 'MIME-Version', 'Message-ID', 'Cc', 'To', 'Date',
                 'Subject', 'Reply-To', 'Sender', 'From']:
        changed = signed.replace(f'\r\n{name}: value'.encode(), f'\r\n{name}: other'.encode())
        assert changed != signed
        assert not verify(changed, key), name
    assert verify(signed.replace(b'X-Other: value', b'X-Other: other'), key)


@pytest.mark.parametrize('where', ['above', 'below'])
def test_a_second_from_breaks_the_signature(driver, key, where):
    signed = sign(driver, key, ODD['plain'])
    field = signature_field(signed)
    added = b'From: evil@x.example\r\n'
    if where == 'above':
        changed = added + signed
    else:
        changed = field + signed[len(field):].replace(b'\r\n\r\n', b'\r\n' + added + b'\r\n', 1)
    assert verify(signed, key)
    assert not verify(changed, key)


def test_the_field_is_folded_and_has_no_length_tag(driver, key):
    for seed in range(20):
        field = signature_field(sign(driver, key, make_message(seed)))
        tags = dict(re.findall(r'(\w+)=([^;]*)', re.sub(r'\s', '', field.decode())))
        assert tags['c'] == 'relaxed/relaxed' and tags['a'] == 'rsa-sha256'
        assert tags['t'] == '1700000000' and 'l' not in tags
        assert tags['h'].lower().split(':').count('from') == 2
        for line in field.decode().split('\r\n'):
            assert len(line.expandtabs(8)) <= 78


def test_a_long_domain_is_signed_for(driver, key):
    domain = '.'.join(['a' * 60] * 4)
    signed = driver.must(['sign', key[0], domain, 's' * 63], ODD['plain'])
    assert dkim.DKIM(signed).verify(dnsfunc=lambda name, timeout=5: key[1])
