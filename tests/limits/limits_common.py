"""What all cases of the limits use: amlc run in a fresh folder, and what to expect of it."""
import json
import os
import subprocess

TIMEOUT_S = 240
FINAL_NAMES = ("alerts.jsonl", "evidence.csv", "rejects.csv", "manifest.json", "run.json")
HEADER = "id,src,dst,time,amount,currency\n"
META = 'meta { id: "9b1c0000-0000-4000-8000-%012d"; version: "1.0.0"; }'


def pattern(name, number, body):
    return "#!amlc 1\npattern %s {\n  %s\n  %s\n}\n" % (name, META % number, body)


FAN = pattern("fan", 1, "within 10d; stage pay: payer[3..] -> hub;")
# On a dense table this walks for ages, and finds nothing: it is there to be cut short.
ENDLESS = pattern("endless", 3, "within 300d; stage ring: start -> via{1..11} -> start; "
                                "along ring: this before next; require sum(ring.amount) > 1_000 USD;")
NEEDS_BANK = pattern("needs", 4, 'within 1d; stage s: a -> b where from.bank = "12";')


class Wrong(Exception):
    """What a case found wrong."""


def expect(held, words, *about):
    if not held:
        raise Wrong(words + (": " + " ".join(str(a) for a in about) if about else ""))


class Bench:
    """A fresh folder, and amlc run in it."""

    def __init__(self, amlc, folder):
        self.amlc, self.folder = amlc, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def run(self, *args, **kwargs):
        kwargs.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([self.amlc, *args], cwd=self.folder, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT_S, check=False, **kwargs)

    def start(self, *args, **kwargs):
        return subprocess.Popen([self.amlc, *args], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **kwargs)

    def alerts(self, folder="out"):
        with open(self.path(folder + "/alerts.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def manifest(self):
        with open(self.path("out/manifest.json"), encoding="utf-8") as file:
            return json.load(file)

    def expect_no_files(self):
        """Nothing under a final name, and nothing else left behind either."""
        left = os.listdir(self.path("out")) if os.path.isdir(self.path("out")) else []
        expect(not left, "files were left in out/", left)


def ended(done, code, *words):
    expect(done.returncode == code, "exit %d, wanted %d" % (done.returncode, code), done.stderr[-800:])
    for word in words:
        expect(word in done.stderr, "standard error does not say '%s'" % word, done.stderr[-800:])


def dense_table(b):
    rows = ("%d,a%02d,a%02d,%d,1,USD\n" % (i, i * 7 % 41, (i * 13 + i // 41) % 43, i * 60)
            for i in range(20_000))
    return b.write("dense.csv", HEADER + "".join(rows))
