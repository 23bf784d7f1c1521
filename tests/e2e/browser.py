# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, driven as a person would: by what is written on the page."""
import os
import re
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver

from product import REPOSITORY
from world.asking import await_truth

SCREENSHOTS = os.path.join(REPOSITORY, "build", "screenshots")
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,1000",
            "--disable-features=OptimizationHints,MediaRouter,Translate")
PRESSABLE = "button, a, [role=button], summary, input[type=submit]"


class Browser:
    """Use as a context; texts are compared without case, a regular expression finds them."""

    def __init__(self, language="en"):
        self.language = language
        self.profile = tempfile.TemporaryDirectory(prefix="unpend-chromium-")
        self.driver = None

    def __enter__(self):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for switch in (*SWITCHES, f"--user-data-dir={self.profile.name}",
                       f"--lang={self.language}"):
            options.add_argument(switch)
        options.add_experimental_option("prefs", {"intl.accept_languages": self.language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    def open(self, url):
        self.driver.get(url)

    @property
    def text(self):
        """All that can be read on the page."""
        return self.driver.execute_script("return document.body.innerText")

    def await_text(self, pattern, patience_s=20):
        """Wait until the page reads so; the match."""
        def read():
            return re.search(pattern, self.text, re.I | re.S)
        try:
            return await_truth(read, f"/{pattern}/ on the page", patience_s)
        except Exception as failure:
            self.screenshot("failed")
            raise AssertionError(f"{failure}; it reads:\n{self.text}") from None

    def find(self, selector, pattern=""):
        """The visible elements whose text or label matches."""
        found = []
        for element in self.driver.find_elements("css selector", selector):
            try:
                words = " ".join(filter(None, (element.text, element.get_attribute("aria-label"),
                                               element.get_attribute("value"))))
                if element.is_displayed() and re.search(pattern, words, re.I):
                    found.append(element)
            except StaleElementReferenceException:
                continue
        return found

    def press(self, pattern):
        """Press the button or link that is called so."""
        await_truth(lambda: self.find(PRESSABLE, pattern), f"a button /{pattern}/")[0].click()

    def type(self, text, selector="input"):
        """Fill the first visible field."""
        field = await_truth(lambda: self.find(selector), f"a field {selector}")[0]
        field.clear()
        field.send_keys(text)

    def complaints(self):
        """What went wrong within the page; that a call was refused is the server's word."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]]

    def screenshot(self, name):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        self.driver.save_screenshot(os.path.join(SCREENSHOTS, name + ".png"))
