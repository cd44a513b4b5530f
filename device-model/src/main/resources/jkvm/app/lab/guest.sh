#!/bin/busybox sh
# The first process of the small guest: loads drivers, gets an address for each network card, serves /www and gives a
# shell on the kernel's console. The guest is powered off when the shell ends.
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=vt100 PS1='guest# '
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
hostname guest
ip link set lo up
cards=$(cd /sys/class/net && echo eth*)
for card in ${cards#eth\*}; do
    ip link set "$card" up
    udhcpc -i "$card" -n -q -s /lease
done
httpd -h /www
read -r console rest </sys/class/tty/console/active
setsid -c sh -i <"/dev/$console" >"/dev/$console" 2>&1
poweroff -f
