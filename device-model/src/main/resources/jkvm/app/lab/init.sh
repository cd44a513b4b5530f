#!/bin/busybox sh
# The first process of the lab's machine: mounts the host's files, runs one job on them and reports its exit status.
# Ports: vportNp1 control (lines), vportNp2 stdin (a line feed before it), vportNp3 stdout, vportNp4 stderr, hvc0 the
# terminal. busybox finds its own commands through /proc, so nothing is installed.
/bin/busybox mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
while read -r module; do
    insmod "/modules/$module" || echo "jkvm lab: module $module does not load"
done </modules/order
ip link set lo up

# The first number is that of the virtio device. Port 4 is the last to come.
until port=$(echo /dev/vport*p4) && [ -c "$port" ]; do usleep 10000; done
port=${port%4}
exec 3<>"${port}1"

fail() {
    echo "fail $1" >&3
    while :; do sleep 60; done
}

# Writes reach the host soon, not after the kernel's usual half minute.
echo 50 >/proc/sys/vm/dirty_writeback_centisecs
echo 50 >/proc/sys/vm/dirty_expire_centisecs
# cache=loose makes a JVM start in a third of the time; its price is that what the host changes in a file after the lab
# has read it is not seen in the lab.
mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose root /host ||
    fail "the host's files cannot be mounted"

mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount -t devtmpfs dev /host/dev
mkdir -p /host/dev/pts /host/dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 pts /host/dev/pts
mount -t tmpfs shm /host/dev/shm
ln -s /proc/self/fd /host/dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "/host/dev/${n#*:}"; done
# The host's /run tells of the host's processes and holds their sockets; its users' own files stay.
if [ -d /host/run ]; then
    mkdir /hostrun
    mount --bind /host/run /hostrun
    mount -t tmpfs run /host/run
    for folder in user media mount; do
        if [ -d /hostrun/$folder ]; then
            mkdir /host/run/$folder
            mount --bind /hostrun/$folder /host/run/$folder
        fi
    done
fi
# A JVM tidies away what it takes for the traces of dead JVMs: those of the host's live ones.
for folder in /host/tmp/hsperfdata_*; do
    [ -d "$folder" ] && mount -t tmpfs hsperfdata "$folder"
done
[ -f /host/etc/hostname ] && hostname -F /host/etc/hostname
ulimit -n 65536

# A port reads as ended until the host's side of it is known to be open.
until read -r run <&3; do usleep 10000; done
. "/host$run/settings"

if [ "$network" = yes ]; then
    while read -r module; do insmod "/modules/$module"; done </modules/order.network
    ip link set eth0 up
    ip address add 10.0.2.15/24 dev eth0
    ip route add default via 10.0.2.2
    # The host's resolver may listen on a loopback address; QEMU's network has one that asks it.
    echo nameserver 10.0.2.3 >/resolv.conf
    [ -L /host/etc/resolv.conf ] && chroot /host mkdir -p "$(dirname "$(chroot /host readlink -m /etc/resolv.conf)")" &&
        chroot /host sh -c ': >>/etc/resolv.conf'
    [ -f /host/etc/resolv.conf ] && mount --bind /resolv.conf /host/etc/resolv.conf
    for pair in $loopback_ports; do
        nc -ll -p "${pair%:*}" -e /bin/busybox nc 127.0.0.1 "${pair#*:}" 3>&- &
    done
fi

if [ "$terminal" = yes ]; then
    until [ -c /dev/hvc0 ]; do usleep 10000; done
    exec 4<>/dev/hvc0
    [ -z "$terminal_settings" ] || stty -F /dev/hvc0 $terminal_settings
fi
# The job's streams are 5, 6 and 7. A FIFO is opened for both directions first, so that no other open waits: a wait
# would be cut short by the end of any child.
pumps=
ctty=
case $stdin in
    tty)
        exec 5</dev/hvc0
        ctty=-c
        ;;
    *)
        mkfifo /in
        exec 9<>/in 8>/in 5</in 9>&-
        (exec <"${port}2"
        until read -r begin; do usleep 10000; done
        exec cat) >&8 3>&- 4>&- 5>&- &
        exec 8>&-
        ;;
esac
# pump NAME PORT: what is written to 8 goes to the port, and its length to /NAME.count in the end.
pump() {
    mkfifo "/$1"
    exec 9<>"/$1" 8>"/$1" 10<"/$1" 9>&-
    (trap '' TERM; tee "$2" <&10 | wc -c >"/$1.count") 3>&- 4>&- 5>&- 6>&- 8>&- &
    pumps="$pumps $!"
    exec 10<&-
}
if [ "$stdout" = tty ]; then exec 6>/dev/hvc0; else pump out "${port}3"; exec 6>&8 8>&-; fi
if [ "$stderr" = tty ]; then exec 7>/dev/hvc0; else pump err "${port}4"; exec 7>&8 8>&-; fi

# The host's side tells the size of the terminal's window. When it is gone, so is the lab.
(while read -r word rows columns <&3; do
    [ "$word" = size ] && stty -F /dev/hvc0 rows "$rows" cols "$columns"
done
poweroff -f) 4>&- 5>&- 6>&- 7>&- &

echo started >&3
setsid $ctty chroot /host /bin/sh "$run/job" <&5 >&6 2>&7 3>&- 4>&- 5>&- 6>&- 7>&-
status=$?
exec 5<&- 6>&- 7>&-

# What the job left running ends with it; else it would hold the streams open.
(sleep 2; kill -TERM -1; sleep 2; kill -KILL -1) 3>&- 4>&- &
[ -z "$pumps" ] || wait $pumps
sync
exec 4>&-
out=0
err=0
[ -s /out.count ] && read -r out </out.count
[ -s /err.count ] && read -r err </err.count
echo "exit $status $out $err" >&3
while :; do sleep 60; done
