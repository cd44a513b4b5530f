#!/usr/bin/env bash
# QEMU's expire_password takes any text for a time and says that all is well. It reads the digits at the beginning and
# forgets the rest: +1h is one second, a date is some 2,030 seconds after 1970, and a slip in "never" is 1970 itself. The
# right password is refused from then on, with the words of a wrong one. A script that sets an expiry has to give whole
# seconds, and cannot tell by the answer whether it did.
#
# What is done: QEMU starts with a paused machine and a VNC server; QMP sets a password and its expiry; a client of RFB 3.8
# logs in with the right password two seconds later.
#
# Version: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-12-01: +1h         answered with success, refused after two seconds
#                     2030-01-01  answered with success, refused
#                     nevr        answered with success, refused
#                     +3600       answered with success, let in
# Guess before: a time that is none is an error, as in other commands of QMP.
#
# Exit status: 0 if QEMU does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
packages=("qemu-system-x86=$version" "qemu-system-common=$version" qemu-system-data seabios openssl python3)
expected="+1h: success, refused
2030-01-01: success, refused
nevr: success, refused
+3600: success, let in"

work=$(mktemp -d)
trap 'kill "${qemu:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial"
# Downloads QEMU, and those of its libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "${packages[@]}" > "$work/apt.log" 2>&1; then
    echo "cannot download ${packages[*]}: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/qemu*.deb "$work"/debs/seabios*.deb "$work"/debs/lib*.deb; do
    [ -e "$package" ] && dpkg -x "$package" "$work/root"
done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu

"$work/root/usr/bin/qemu-system-x86_64" -L "$work/root/usr/share/seabios" -L "$work/root/usr/share/qemu" -accel tcg \
    -nodefaults -vga none -S -vnc "unix:$work/vnc,password=on" -qmp "unix:$work/qmp,server=on,wait=off" &
qemu=$!
unset LD_LIBRARY_PATH

cat > "$work/client.py" << 'PYTHON'
import json, os, socket, subprocess, sys, time

work = sys.argv[1]

def connect(name):
    for _ in range(100):
        try:
            link = socket.socket(socket.AF_UNIX)
            link.connect(os.path.join(work, name))
            return link
        except OSError:
            time.sleep(0.1)
    sys.exit("QEMU does not start")

def answer(challenge, password):
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.ljust(8, b"\0")[:8])
    return subprocess.run(["openssl", "enc", "-des-ecb", "-nopad", "-provider", "legacy", "-provider", "default",
                           "-K", key.hex()], input=challenge, capture_output=True, check=True).stdout

def log_in():
    viewer = connect("vnc").makefile("rwb", buffering=0)
    viewer.read(12)
    viewer.write(b"RFB 003.008\n")
    viewer.read(2)
    viewer.write(b"\x02")
    viewer.write(answer(viewer.read(16), b"right"))
    return "let in" if viewer.read(4) == bytes(4) else "refused"

qmp = connect("qmp").makefile("rw")
qmp.readline()

def ask(command, **arguments):
    print(json.dumps({"execute": command, "arguments": arguments}), file=qmp, flush=True)
    while True:
        message = json.loads(qmp.readline())
        if "event" not in message:
            return "success" if "return" in message else "error"

ask("qmp_capabilities")
for text in ["+1h", "2030-01-01", "nevr", "+3600"]:
    ask("set_password", protocol="vnc", password="right")
    said = ask("expire_password", protocol="vnc", time=text)
    time.sleep(2.5)
    print(f"{text}: {said}, {log_in()}")
PYTHON
seen=$(python3 "$work/client.py" "$work")
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
