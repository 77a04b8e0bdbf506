"""Engine c: what may go wrong around the C compiler, the cache, and detectors that are programs."""
import glob
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time

from limits_common import (ENDLESS, FAN, FINAL_NAMES, HEADER, NEEDS_BANK, TIMEOUT_S, dense_table, ended,
                           expect, pattern)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLOW = pattern("flow", 6, "within 2d; stage pay: a -> mid[2..] where amount > 10 USD; stage on: mid -> b; "
                          "each mid: pay before on; each mid: sum(on.amount) / sum(pay.amount) in 0.8~0.9..1.1;")
# A detector in looks: of interface version %d, and of no pattern of ours.
OTHER = """static const struct { unsigned abi, n; const char *hash, *compiler; const void *const *programs; }
    it = {%d, 1, "0", "amlc", (const void *const *)&it};
const void *amlrt_detector_get(void) { return &it; }
"""


def _table(b, name="t.csv", n=1500):
    rows = ("%d,a%02d,a%02d,%d,%d.25,USD\n" % (i, i * 7 % 31, (i * 11 + i // 31) % 37, i * 90, 5 + i % 40)
            for i in range(n))
    return b.write(name, HEADER + "".join(rows))


def _fake_cc(b, name, lines):
    """A C compiler that answers --version, and else does what `lines` say."""
    path = b.path(name)
    b.write(name, "#!/bin/sh\ncase \"$*\" in *--version*) echo fake 1; exit 0;; esac\n%s\n" % lines)
    os.chmod(path, 0o755)
    return path


def _same_files(b, one, two, names=FINAL_NAMES[:-1]):
    for name in names:
        with open(b.path(one + "/" + name), "rb") as a, open(b.path(two + "/" + name), "rb") as c:
            expect(a.read() == c.read(), "%s of %s and %s differ" % (name, one, two))


def _no_private_folders(b):
    left = glob.glob(b.path("tmp/amlc-*"))
    expect(not left, "private folders were left", left)


def _with_tmp(b):
    os.mkdir(b.path("tmp"))
    return dict(os.environ, TMPDIR=b.path("tmp"))


def engines_agree(b):
    env = _with_tmp(b)
    for name, text in (("fan.aml", FAN), ("flow.aml", FLOW)):
        b.write(name, text)
    args = ("run", "fan.aml", "flow.aml", _table(b), "-q")
    ended(b.run(*args, "--engine=reference", "-o", "reference", env=env), 0)
    for threads in "1", "2", "3":
        ended(b.run(*args, "--engine=c", "--threads", threads, "--verify=3", "-o", "c" + threads, env=env), 0)
        _same_files(b, "reference", "c" + threads)
    expect(len(b.alerts("c1")) > 3, "too few alerts to tell", len(b.alerts("c1")))
    _no_private_folders(b)


def damaged_cache(b):
    """A detector that was cut, replaced, or is none is not loaded, and is built again."""
    b.write("fan.aml", FAN)
    args = ("run", "fan.aml", _table(b), "-q", "--engine=c")
    ended(b.run(*args, "-o", "out"), 0)
    kept = glob.glob(b.path("detectors/*.so"))
    expect(len(kept) == 1, "one detector should be kept, there are", kept)
    with open(kept[0], "rb") as file:
        whole = file.read()
    sums = kept[0][:-3] + ".sum"
    os.utime(kept[0], (1, 1))
    ended(b.run(*args, "-o", "again"), 0)
    expect(os.path.getmtime(kept[0]) > 1, "the detector that was kept was not used")
    for damage in (whole[:1000], whole.replace(b"fan", b"nan"), b"", b"#!/bin/sh\n"):
        with open(kept[0], "wb") as file:
            file.write(damage)
        ended(b.run(*args, "-o", "again"), 0)
        _same_files(b, "out", "again")
        with open(kept[0], "rb") as file:
            expect(file.read() == whole, "the damaged detector was not replaced")
    # Files that fit their checksums: of no detector, of another interface, of another pattern.
    other = b.path("other.so")
    ended(b.run("compile", "--emit=obj", "-o", other, "fan.aml"), 0)
    for abi in None, 999, 1:
        if abi:
            b.write("other.c", OTHER % abi)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", other, b.path("other.c")], check=True)
        shutil.copy(other, kept[0])
        with open(other, "rb") as file, open(sums, "w", encoding="ascii") as out:
            out.write(hashlib.sha256(file.read()).hexdigest() + "\n")
        ended(b.run(*args, "-o", "again"), 0)
        _same_files(b, "out", "again")


def cache_of_others(b):
    """A folder that others may write to is not used; the run goes on."""
    b.write("fan.aml", FAN)
    os.mkdir(b.path("detectors"), 0o700)
    os.chmod(b.path("detectors"), 0o777)
    done = b.run("run", "fan.aml", _table(b), "-v", "--engine=c", "-o", "out")
    ended(done, 0, "others may write to it")
    expect(os.listdir(b.path("detectors")) == [], "a detector was kept there")


def refused_code(b):
    """A C compiler that refuses our code shows a bug of ours: exit 70, all is kept for the report."""
    env = _with_tmp(b)
    b.write("fan.aml", FAN)
    cc = _fake_cc(b, "picky-cc", "case \"$*\" in *detector.c*) echo 'detector.c:3:1: error: no thanks' >&2; exit 1;; "
                                 "esac\nexec cc \"$@\"")
    done = b.run("run", "fan.aml", _table(b), "--engine=c", "--cc", cc, "-o", "out", env=env)
    ended(done, 70, "bug of amlc", "no thanks", "detector.c", "cc.log")
    b.expect_no_files()
    kept = glob.glob(b.path("tmp/amlc-*/*"))
    expect(sorted(os.path.basename(k) for k in kept if "probe" not in k) == ["cc.log", "detector.c"],
           "what was kept", kept)
    mode = stat.S_IMODE(os.stat(os.path.dirname(kept[0])).st_mode)
    expect(mode == 0o700, "the folder's mode is %o" % mode)


def broken_cc(b):
    env = _with_tmp(b)
    b.write("fan.aml", FAN)
    cc = _fake_cc(b, "broken-cc", "echo 'fatal error: stdint.h: No such file' >&2; exit 1")
    done = b.run("run", "fan.aml", _table(b), "--engine=c", "--cc", cc, "-o", "out", env=env)
    ended(done, 77, "does not work", "stdint.h", "install")
    b.expect_no_files()
    _no_private_folders(b)


def slow_cc(b):
    """Ctrl-C and --time-limit end a run that waits for the C compiler."""
    env = _with_tmp(b)
    b.write("fan.aml", FAN)
    args = ("run", "fan.aml", _table(b), "--engine=c", "--cc", _fake_cc(b, "slow-cc", "exec sleep 60"), "-o", "out")
    began = time.monotonic()
    ended(b.run(*args, "--time-limit=1s", env=env), 5, "time-limit")
    expect(time.monotonic() - began < 4, "a limit of 1 s took %.1f s" % (time.monotonic() - began))
    child = b.start(*args, env=env)
    time.sleep(1)
    child.send_signal(signal.SIGTERM)
    began = time.monotonic()
    child.communicate(timeout=TIMEOUT_S)
    expect(child.returncode == 130, "exit", child.returncode)
    expect(time.monotonic() - began < 2, "it took %.1f s to end" % (time.monotonic() - began))
    b.expect_no_files()
    _no_private_folders(b)


def compiled_time_limit(b):
    b.write("endless.aml", ENDLESS)
    dense_table(b)
    began = time.monotonic()
    done = b.run("run", "endless.aml", "dense.csv", "--engine=c", "-o", "out", "--time-limit", "3s")
    ended(done, 5)
    expect(time.monotonic() - began < 8, "a limit of 3 s took %.1f s" % (time.monotonic() - began))
    expect(b.manifest()["limits_hit"] == ["time-limit"], "limits", b.manifest()["limits_hit"])


def compiled_interrupted(b):
    env = _with_tmp(b)
    b.write("endless.aml", ENDLESS)
    child = b.start("run", "endless.aml", dense_table(b), "--engine=c", "-o", "out", env=env)
    time.sleep(3)
    expect(child.poll() is None, "the run ended before it could be interrupted", child.poll())
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    child.communicate(timeout=TIMEOUT_S)
    expect(child.returncode == 130, "exit", child.returncode)
    expect(time.monotonic() - began < 3, "it took %.1f s to end" % (time.monotonic() - began))
    b.expect_no_files()
    _no_private_folders(b)


def limits_agree(b):
    """Limits cut the same way in both engines."""
    b.write("fan.aml", FAN)
    _table(b)
    for limit in ("--match-limit=5", "--hub-limit=30"):
        for engine in "reference", "c":
            ended(b.run("run", "fan.aml", "t.csv", "-q", "--engine=" + engine, limit, "--mode=all",
                        "-o", engine), 5)
        _same_files(b, "reference", "c")


def verified(b):
    """--verify finds what a C compiler gone wrong makes of a pattern, and names it: exit 6."""
    b.write("flow.aml", FLOW)
    args = ("run", "flow.aml", _table(b), "-q", "--engine=c", "--verify=150", "-o", "out")
    ended(b.run(*args), 0)
    cc = _fake_cc(b, "wrong-cc", "sed -i 's/(amlrt_frac){10, 1}/(amlrt_frac){20, 1}/' detector.c\nexec cc \"$@\"")
    done = b.run(*args, "--cc", cc)
    ended(done, 6, "--verify: alert", "of pattern flow", "does not find it")
    expect(any(a["match_id"] in done.stderr for a in b.alerts()), "no alert is named", done.stderr[:500])


# ---- detectors to ship -----------------------------------------------------------------------

HOST = """#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include <stdio.h>
#ifdef LINKED
#include "amlrt/amlrt_gen.h"
#endif
int main(int argc, char **argv)
{
  amlrt_error err = {0};
  amlrt_detector *d = NULL;
  amlrt_table *t = NULL;
  amlrt_graph *g = NULL;
  amlrt_sink *s = NULL;
  amlrt_out *o = NULL;
  unsigned char sum[32];
  const char *const paths[] = {argv[1]};
  amlrt_run_opts opts = amlrt_run_opts_default();
  amlrt_run_stats stats;
#ifdef LINKED
  amlrt_status st = amlrt_detector_from(&d, amlrt_detector_get(), NULL, NULL, &err);
#else
  amlrt_status st = amlrt_detector_load(&d, argv[2], argc > 3 ? argv[3] : NULL, NULL, &err);
#endif
  if (st >= 0) st = amlrt_table_read(&t, paths, 1, NULL, &err);
  if (st >= 0) st = amlrt_graph_build(&g, t, NULL, &err);
  if (st >= 0) st = amlrt_sink_new(&s, amlrt_detector_info(d, 0), 1, t, AMLRT_MODE_EPISODE, NULL, &err);
  if (st >= 0) st = amlrt_detector_run(d, 0, 0, g, &opts, amlrt_sink_add, s, &stats, &err);
  if (st >= 0) st = amlrt_sink_finish(s, &err);
  if (st >= 0) st = amlrt_out_stream(&o, stdout, "standard output", NULL, &err);
  if (st >= 0) amlrt_write_alerts(o, s);
  if (st >= 0) st = amlrt_out_close(o, sum, &err);
  if (st < 0) fprintf(stderr, "%s\\n", err.text);
  amlrt_sink_free(s);
  amlrt_graph_free(g);
  amlrt_table_free(t);
  amlrt_detector_free(d);
  return st < 0;
}
"""


def _link(b, out, *words):
    build = os.path.dirname(b.amlc)
    ldd = subprocess.run(["ldd", b.amlc], stdout=subprocess.PIPE, text=True, check=True).stdout
    extra = ["-fsanitize=address,undefined"] if "libasan" in ldd else []
    subprocess.run(["cc", "-std=c11", "-I", os.path.join(ROOT, "runtime/include"), b.path("host.c"), *words,
                    "-Wl,--whole-archive", os.path.join(build, "runtime/libamlrt.a"),
                    "-Wl,--no-whole-archive", "-lz", "-fopenmp", "-o", b.path(out), *extra], check=True)


def host_programs(b):
    """A program of the bank's own loads a detector, or links it, and finds the same."""
    b.write("flow.aml", FLOW)
    b.write("host.c", HOST)
    want = b.run("run", "flow.aml", _table(b), "-q").stdout
    ended(b.run("compile", "flow.aml", "--emit=so", "-o", "flow.so"), 0)
    ended(b.run("compile", "flow.aml", "--emit=obj", "-o", "flow.o"), 0)
    _link(b, "loads", "-rdynamic")
    _link(b, "links", "-DLINKED", b.path("flow.o"))
    for argv in ([b.path("loads"), "t.csv", "./flow.so"], [b.path("links"), "t.csv"]):
        done = subprocess.run(argv, cwd=b.folder, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=True)
        expect(done.stdout == want, "%s finds something else" % argv[0])
    done = subprocess.run([b.path("loads"), "t.csv", "./flow.so", "0" * 64], cwd=b.folder, timeout=TIMEOUT_S,
                          stderr=subprocess.PIPE, text=True, check=False)
    ended(done, 1, "another pattern")


def reviewable_code(b):
    """The C text compiles without warnings, against the one header."""
    ended(b.run("compile", os.path.join(ROOT, "patterns"), "--emit=c", "-o", "all.c"), 0)
    done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "-c",
                           "-I", os.path.join(ROOT, "runtime/include"), "-o", "/dev/null", b.path("all.c")],
                          stderr=subprocess.PIPE, text=True, check=False)
    ended(done, 0)


def program_agrees(b):
    """The same bytes as `amlc run`, run.json aside; the same exit codes."""
    for name, text in (("fan.aml", FAN), ("flow.aml", FLOW)):
        b.write(name, text)
    _table(b)
    ended(b.run("compile", "fan.aml", "flow.aml", "--emit=exe", "-o", "detector"), 0)
    program = b.path("detector")

    def run(*args, **kwargs):
        return type(b)(program, b.folder).run(*args, **kwargs)

    for options in ((), ("--mode=all", "--history=complete"), ("--mode=maximal", "--threads=2")):
        ended(b.run("run", "fan.aml", "flow.aml", "t.csv", *options, "-o", "out"), 0)
        ended(run("t.csv", *options, "-o", "mine"), 0, "transactions read")
        _same_files(b, "out", "mine")
    trigger = str(b.alerts()[0]["trigger"])
    done = run("t.csv", "-q", "--trigger", trigger)
    ended(done, 0)
    expect(done.stdout == b.run("run", "fan.aml", "flow.aml", "t.csv", "-q", "--trigger", trigger).stdout,
           "--trigger", done.stdout)
    done = run("t.csv", "-o", "mine", "--match-limit=2")
    ended(done, 5, "match-limit")
    ended(run(), 2, "name a transaction table")
    ended(run("--no-such", "t.csv"), 2, "--no-such")
    ended(run("t.csv", "--threads=none"), 2, "whole number")
    ended(run("t.csv", "--trigger=none"), 2, "none")
    ended(run(b.write("odd.csv", "source,target\n1,2\n")), 4, "odd.csv")
    ended(run("none.csv"), 74, "none.csv")
    done = run("--version")
    expect("pattern flow 1.0.0" in done.stdout, "--version", done.stdout)
    expect("--hub-limit" in run("--help").stdout, "--help does not list the options")


def program_needs(b):
    b.write("needs.aml", NEEDS_BANK)
    ended(b.run("compile", "needs.aml", "--emit=exe", "-o", "detector"), 0)
    b.amlc = b.path("detector")
    ended(b.run(b.write("t.csv", HEADER + "1,a,b,1,1,USD\n"), "-o", "out"), 3, "bank")
    b.expect_no_files()


def program_interrupted(b):
    b.write("endless.aml", ENDLESS)
    dense_table(b)
    ended(b.run("compile", "endless.aml", "--emit=exe", "-o", "detector"), 0)
    b.amlc = b.path("detector")
    ended(b.run("dense.csv", "-o", "limited", "--time-limit=1s"), 5, "time-limit")
    child = b.start("dense.csv", "-o", "out")
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    child.communicate(timeout=TIMEOUT_S)
    expect(child.returncode == 130, "exit", child.returncode)
    expect(time.monotonic() - began < 3, "it took %.1f s to end" % (time.monotonic() - began))
    b.expect_no_files()


CASES = [engines_agree, damaged_cache, cache_of_others, refused_code, broken_cc, slow_cc,
         compiled_time_limit, compiled_interrupted, limits_agree, verified,
         host_programs, reviewable_code, program_agrees, program_needs,
         program_interrupted]
