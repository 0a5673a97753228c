#!/bin/sh
# Tries the two commands of the README in an empty Debian, and tells how long they took.
#
#     sudo tests/bare_root.sh [SUITE] [FOLDER]
#
# SUITE is a Debian release (bookworm: Python 3.11, trixie: 3.13), FOLDER where its root is made
# (kept, so that a second run is quick). It holds python3, python3-venv, make, git and nothing
# else but root certificates, and gets this machine's own pip settings and certificates, as pip must reach its index.
#   BIND="/a /b"   shows more folders of this machine inside, such as a local index
#   WHO="album"    tries it as an ordinary user alone (default: "album root")
#   TESTS=0        leaves `make test` away
#   CHROOT=1       is a plain chroot, where the system forbids user namespaces, as in containers
# Needs debootstrap and root; runs in namespaces of its own, so nothing stays mounted or running.
set -eu

suite=${1:-bookworm}
root=${2:-/var/tmp/shiguang-$suite}
tree=$(cd "$(dirname "$0")/.." && pwd)

if [ "${STAGE:-}" = "" ]; then
    [ -x "$root/usr/bin/make" ] ||
        debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
            "$suite" "$root" >"$root.log" 2>&1
    rm -rf "$root/srv/shiguang" "$root/srv/bare_root.sh"
    git clone --quiet --bare --no-hardlinks "$tree" "$root/srv/shiguang"
    cp "$0" "$root/srv/bare_root.sh"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    cp -L /etc/pip.conf "$root/etc/" 2>/dev/null || true
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    exec unshare --mount --pid --fork --kill-child env STAGE=mount sh "$0" "$suite" "$root"
fi

if [ "$STAGE" = mount ]; then
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    for folder in ${BIND:-}; do
        mkdir -p "$root$folder" && mount --bind -o ro "$folder" "$root$folder"
    done
    export STAGE=try
    [ "${CHROOT:-}" = 1 ] && exec chroot "$root" sh /srv/bare_root.sh "$suite"
    # Not a chroot: this root is as real to the kernel as that of a machine.
    cd "$root" && mkdir -p mnt/machine && pivot_root . mnt/machine && umount -l /mnt/machine
    exec sh /srv/bare_root.sh "$suite"
fi

id album >/dev/null 2>&1 || useradd --create-home album

# Becomes a command, as a user, with nothing of our environment but pip's settings.
become() {
    user=$1 home=$2
    shift 2
    cd "$home/shiguang"
    exec setpriv --reuid="$user" --regid="$user" --init-groups env -i \
        HOME="$home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt ${PIP_FIND_LINKS:+PIP_FIND_LINKS="$PIP_FIND_LINKS"} \
        SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PORT=8731 "$@"
}

seconds() { date +%s.%N; }
since() { awk "BEGIN { printf \"%.1f s\", $(seconds) - $1 }"; }
tell() { echo "$suite, $user: $*"; }

# Starts the album, waits until it is ready, lets the demo look at photos if asked to, stops it.
try_up() {
    what=$1 demo=$2 log=/srv/up-$user.log
    : >"$log"
    begun=$(seconds)
    (become "$user" "$home" make up) >"$log" 2>&1 &
    album=$!
    while ! grep -q '^Ready:' "$log"; do
        kill -0 $album 2>/dev/null || { cat "$log"; tell "$what: it ended before it was ready"; exit 1; }
        sleep 0.1
    done
    tell "$what: ready after $(since "$begun")"
    if [ "$demo" = demo ]; then
        begun=$(seconds)
        (become "$user" "$home" make demo) >/srv/demo.log 2>&1 || cat /srv/demo.log
        tell "make demo: $(since "$begun")"
        sed -n '/^imported/,$s/^/    /p' /srv/demo.log
    fi
    begun=$(seconds)
    kill -TERM $album
    code=0; wait $album 2>/dev/null || code=$?
    # make ends by the signal that it was sent, after the album has ended well.
    tell "$what: stopped after $(since "$begun"), make's code $code"
    # This namespace has only our processes.
    left=$(cat /proc/[0-9]*/comm 2>/dev/null | grep -cvE '^(sh|cat|grep)$' || true)
    tell "$what: $left processes left"
    sed 's/^/    /' "$log"
}

for user in ${WHO:-album root}; do
    home=$([ $user = root ] && echo /root || echo /home/$user)
    rm -rf "$home/shiguang" "$home/.cache/shiguang"
    git clone --quiet /srv/shiguang "$home/shiguang"
    chown -R $user: "$home"
    try_up "make up, first" demo
    try_up "make up, second" ""
    if [ "${TESTS:-1}" = 1 ]; then
        begun=$(seconds)
        code=0; (become "$user" "$home" make test) >/srv/test-$user.log 2>&1 || code=$?
        tail -n 25 /srv/test-$user.log
        tell "make test: $(since "$begun"), code $code"
    fi
done
