#!/bin/sh
# What udhcpc calls when it has got an address for a network card of the small guest.
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "${router%% *}"
for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
echo "$interface has the address $ip"
