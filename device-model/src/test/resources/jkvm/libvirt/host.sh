# A host of its own for libvirtd: host.sh FOLDER NAME, started by unshare --mount --uts. What libvirt keeps, its sockets and
# its configuration lie in FOLDER; the machine's own stay as they are. Ends when its standard input does.
set -eu
folder=$1
hostname "$2"
mount -t tmpfs run /run
mkdir -p /run/libvirt /run/lock /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
for kept in etc lib cache log; do
    mkdir -p "$folder/$kept"
done
mount --bind "$folder/etc" /etc/libvirt
mount --bind "$folder/lib" /var/lib/libvirt
mount --bind "$folder/cache" /var/cache/libvirt
mount --bind "$folder/log" /var/log/libvirt
# libvirtd demands the user and group that a package of services makes, though it is told another.
for list in passwd:64055::/:/usr/sbin/nologin group:; do
    file=${list%%:*}
    if ! grep -q '^libvirt-qemu:' "/etc/$file"; then
        cp "/etc/$file" "$folder/$file"
        echo "libvirt-qemu:x:64055:${list#*:}" >> "$folder/$file"
        mount --bind "$folder/$file" "/etc/$file"
    fi
done
virtlogd &
logger=$!
daemon=
end() {
    kill $daemon $logger 2> /dev/null || true
    wait
}
trap end EXIT
start() {
    libvirtd -f /etc/libvirt/libvirtd.conf &
    daemon=$!
}
start
while read -r word; do
    [ "$word" = restart ] || break
    kill $daemon
    wait $daemon || true
    start
done
