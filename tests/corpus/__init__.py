# SPDX-License-Identifier: GPL-3.0-or-later
"""A labelled corpus of domains, right ones and broken ones, on real name servers."""
