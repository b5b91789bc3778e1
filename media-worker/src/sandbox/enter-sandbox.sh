#!/bin/sh
# Builds the world of a sandboxed child and goes into it, as the first process of mount, pid and network namespaces
# of its own:
#
#   enter-sandbox.sh FOLDER READABLE… -- COMMAND…
#
# In it are the system's programs and libraries and what is READABLE, which nobody can write to; FOLDER/in as /in,
# the same; FOLDER/out as /out. Nothing else: no other file of the machine, no /proc, no way back.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

folder=$1
shift
root=$folder/root

# show SOURCE TARGET OPTIONS
show() {
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
  else
    mkdir -p "$root${2%/*}"
    : > "$root$2"
  fi
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,$3" "$root$2"
}

mount --make-rprivate /
mount -t tmpfs -o size=1m,mode=755 tmpfs "$root"

for path in /usr /bin /sbin /lib /lib64 /etc/ld.so.cache /etc/alternatives; do
  if [ -L "$path" ]; then
    ln -s "$(readlink "$path")" "$root$path"
  elif [ -e "$path" ]; then
    show "$path" "$path" ro,nosuid,nodev
  fi
done
for device in null zero random urandom; do
  show "/dev/$device" "/dev/$device" ro,nosuid,noexec
done
show "$folder/in" /in ro,nosuid,nodev,noexec
show "$folder/out" /out nosuid,nodev,noexec
while [ "$1" != -- ]; do
  [ -e "$root$1" ] || show "$1" "$1" ro,nosuid,nodev
  shift
done
shift
mount -o remount,bind,ro,nosuid,nodev "$root"

# Whoever has no capabilities, no descriptor from outside and no /proc does not get out of a root that was changed; nor,
# in one, into a user namespace in which it would have capabilities again (user_namespaces(7), EPERM of unshare(2)).
unset PWD OLDPWD
exec chroot "$root" /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
