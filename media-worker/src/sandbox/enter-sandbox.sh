#!/bin/sh
# Builds the world of a sandboxed child and goes into it, as the first process of mount, pid and network namespaces
# of its own:
#
#   enter-sandbox.sh FOLDER READABLE… -- COMMAND…
#
# In it are the system's programs and libraries and what is READABLE, which nobody can write to;
# FOLDER/child-code and FOLDER/in as /child-code and /in, the same; FOLDER/out as /out. Nothing else: no other file of the
# machine, no /proc, no way back.
#
# Files wait for their child, and it for this: most of the time would go to starting programs, so that few are.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

folder=$1
shift
root=$folder/root
newline='
'
# What is mounted, as lines of fstab(5), and where: lists of paths, one in each line.
table=
folders=
files=

# show SOURCE TARGET OPTIONS
show() {
  table="$table$1	$root$2	none	bind,$3$newline"
  if [ -d "$1" ]; then
    folders=$folders$root$2$newline
  else
    folders=$folders$root${2%/*}$newline
    files=$files$root$2$newline
  fi
}

links=
for path in /usr /bin /sbin /lib /lib64 /etc/ld.so.cache /etc/alternatives; do
  if [ -L "$path" ]; then
    links="$links $path"
  elif [ -e "$path" ]; then
    show "$path" "$path" ro,nosuid,nodev
  fi
done
for device in null zero random urandom; do
  show "/dev/$device" "/dev/$device" ro,nosuid,noexec
done
show "$folder/child-code" /child-code ro,nosuid,nodev,noexec
show "$folder/in" /in ro,nosuid,nodev,noexec
show "$folder/out" /out nosuid,nodev,noexec
while [ "$1" != -- ]; do
  show "$1" "$1" ro,nosuid,nodev
  shift
done
shift

mount -t tmpfs -o size=1m,mode=755 tmpfs "$root"
if [ -n "$links" ]; then cp -P --parents $links "$root/"; fi
(
  IFS=$newline
  set -f
  mkdir -p $folders
  for file in $files; do : > "$file"; done
)
printf '%s' "$table" | sed 's/\\/\\134/g; s/ /\\040/g' > "$folder/mounts"
mount --all --fstab "$folder/mounts"
mount -o remount,bind,ro,nosuid,nodev "$root"

# Whoever has no capabilities, no descriptor from outside and no /proc does not get out of a root that was changed; nor,
# in one, into a user namespace in which it would have capabilities again (user_namespaces(7), EPERM of unshare(2)).
unset PWD OLDPWD
exec chroot "$root" /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
