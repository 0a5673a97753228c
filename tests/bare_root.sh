#!/bin/sh
# Tries the two commands of the README in an empty Debian, and tells how long they took.
#
#     sudo tests/bare_root.sh [SUITE] [FOLDER]
#
# SUITE is a Debian release (bookworm: Python 3.11, trixie: 3.13), FOLDER where its root is made
# (kept, so that a second run is quick). It holds python3, python3-venv, make, git and nothing
# else, and gets this machine's own pip settings and certificates, as pip must reach its index.
# BIND="/a /b" shows more folders of this machine inside, such as a local index.
# Needs debootstrap and root; runs in namespaces of its own, so nothing stays mounted or running.
set -eu

suite=${1:-bookworm}
root=${2:-/var/tmp/shiguang-$suite}
tree=$(cd "$(dirname "$0")/.." && pwd)

if [ "${INSIDE:-}" != 1 ]; then
    [ -x "$root/usr/bin/make" ] ||
        debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
            "$suite" "$root" >"$root.log" 2>&1
    exec unshare --mount --pid --fork --kill-child env INSIDE=1 sh "$0" "$suite" "$root"
fi

mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
for folder in ${BIND:-}; do
    mkdir -p "$root$folder" && mount --bind -o ro "$folder" "$root$folder"
done
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/pip.conf "$root/etc/" 2>/dev/null || true
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
chroot "$root" id album >/dev/null 2>&1 || chroot "$root" useradd --create-home album

# Becomes a command inside, as a user, with nothing of our environment but pip's settings.
become() {
    user=$1 home=$2
    shift 2
    exec chroot "$root" setpriv --reuid="$user" --regid="$user" --init-groups env -i \
        HOME="$home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt ${PIP_FIND_LINKS:+PIP_FIND_LINKS="$PIP_FIND_LINKS"} \
        SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PORT=8731 \
        sh -c "cd '$home/shiguang' && exec $*"
}

seconds() { date +%s.%N; }
since() { awk "BEGIN { printf \"%.1f s\", $(seconds) - $1 }"; }

# Starts the album, waits until it is ready, stops it, and tells both times.
try_up() {
    user=$1 home=$2 what=$3
    log=$root/up-$user.log
    : >"$log"
    begun=$(seconds)
    become "$user" "$home" make up >"$log" 2>&1 &
    album=$!
    while ! grep -q '^Ready:' "$log"; do
        kill -0 $album 2>/dev/null || { cat "$log"; echo "$what: it ended before it was ready"; exit 1; }
        sleep 0.1
    done
    echo "$suite, $user, $what: ready after $(since "$begun")"
    if [ "$what" = "make up, first" ]; then
        begun=$(seconds)
        (become "$user" "$home" make demo) >"$root/demo-$user.log" 2>&1 || cat "$root/demo-$user.log"
        echo "$suite, $user, make demo: $(since "$begun")"
        sed -n 's/^/    /; /^ *imported/,$p' "$root/demo-$user.log"
    fi
    begun=$(seconds)
    kill -TERM $album
    code=0; wait $album || code=$?
    echo "$suite, $user, $what: stopped after $(since "$begun") with code $code"
    # This namespace has only our processes.
    left=$(cat "$root"/proc/[0-9]*/comm 2>/dev/null | grep -cvE '^(sh|cat|grep|bare_root.sh)$' || true)
    echo "$suite, $user, $what: $left processes left"
}

for user in album root; do
    home=$([ $user = root ] && echo /root || echo /home/$user)
    rm -rf "$root$home/shiguang" "$root$home/.cache/shiguang"
    git clone --quiet --no-hardlinks "$tree" "$root$home/shiguang"
    chroot "$root" chown -R $user: "$home"
    try_up $user "$home" "make up, first"
    sed 's/^/    /' "$root/up-$user.log"
    try_up $user "$home" "make up, second"
    if [ "${TESTS:-1}" = 1 ]; then
        begun=$(seconds)
        (become $user "$home" make test) >"$root/test-$user.log" 2>&1 || true
        tail -n 5 "$root/test-$user.log"
        echo "$suite, $user, make test: $(since "$begun")"
    fi
done
