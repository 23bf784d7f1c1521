# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, driven as a person would: by what is written on the page."""
import atexit
import os
import re
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver

from product import REPOSITORY
from world.asking import PATIENCE_S, await_truth

SCREENSHOTS = os.path.join(REPOSITORY, "build", "screenshots")
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage",
            "--disable-features=OptimizationHints,MediaRouter,Translate")
WINDOW = (1280, 1000)
# One call for all of them: to ask of each by itself is most of what a test would do.
FIND = """
return [...document.querySelectorAll(arguments[0])]
    .filter((one) => one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
    .map((one) => [one, [one.innerText, one.getAttribute("aria-label"), one.getAttribute("value")]
                            .filter(Boolean).join(" ")]);
"""
PRESSABLE = "button, a, [role=button], summary, input[type=submit]"


class Chromium:
    """A running one. Who has done with it leaves it for the next of his language."""

    idle = []

    def __init__(self, language):
        self.language, self.visited = language, set()
        self.profile = tempfile.TemporaryDirectory(prefix="unpend-chromium-")
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for switch in (*SWITCHES, f"--window-size={WINDOW[0]},{WINDOW[1]}",
                       f"--user-data-dir={self.profile.name}", f"--lang={language}"):
            options.add_argument(switch)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
        atexit.register(self.quit)

    @classmethod
    def take(cls, language):
        one = next((one for one in cls.idle if one.language == language), None)
        if one is None:
            return cls(language)
        cls.idle.remove(one)
        return one

    def leave(self):
        """As if it had just been started: a tab of its own, and nothing is remembered."""
        for origin in self.visited:
            self.driver.execute_cdp_cmd("Storage.clearDataForOrigin",
                                        {"origin": origin, "storageTypes": "all"})
        self.visited.clear()
        self.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.driver.execute_cdp_cmd("Browser.resetPermissions", {})
        before = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        fresh = self.driver.current_window_handle
        self.driver.switch_to.window(before)
        self.driver.close()
        self.driver.switch_to.window(fresh)
        self.driver.set_window_size(*WINDOW)
        self.driver.get_log("browser")
        self.idle.append(self)

    def quit(self):
        self.driver.quit()
        self.profile.cleanup()


class Browser:
    """Use as a context; texts are compared without case, a regular expression finds them."""

    def __init__(self, language="en"):
        self.language = language
        self.chromium = None

    def __enter__(self):
        self.chromium = Chromium.take(self.language)
        return self

    def __exit__(self, *_):
        self.chromium.leave()

    @property
    def driver(self):
        return self.chromium.driver

    def open(self, url):
        self.chromium.visited.add("/".join(url.split("/")[:3]))
        self.driver.get(url)

    @property
    def text(self):
        """All that can be read on the page."""
        return self.driver.execute_script("return document.body.innerText")

    def await_text(self, pattern, patience_s=PATIENCE_S):
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
        return [element for element, words in self.driver.execute_script(FIND, selector)
                if re.search(pattern, words, re.I)]

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
