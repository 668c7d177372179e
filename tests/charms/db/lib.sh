# What the hooks and actions share; sourced by them. POSIX shell, as Ubuntu's sh is dash.
# shellcheck shell=sh
set -eu

log() {
    juju-log --log-level INFO -- "$*"
}

is_leader() {
    [ "$(is-leader --format=json)" = true ]
}

# This unit's address on the network of the given endpoint.
address() {
    network-get "$1" --bind-address
}

# The id of the peer relation; empty before it exists.
cluster() {
    relation-ids cluster
}

# A value of the peer relation's application bag: credentials survive there when the leader changes.
shared() {
    relation-get -r "$(cluster)" --app "$1" "${JUJU_UNIT_NAME%/*}"
}

random() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

# Writes an application bag from stdin, so that no password shows on a command line.
set_shared() {
    relation-set -r "$1" --app --file -
}

make_credentials() {
    printf '{"username": "%s", "password": "%s"}\n' "${JUJU_UNIT_NAME%/*}-user" "$(random)" | set_shared "$(cluster)"
}

# Gives the credentials and this unit's endpoint to every related application.
publish() {
    username=$(shared username)
    password=$(shared password)
    endpoint="$(address database):$(config-get port)"
    for relation in $(relation-ids database); do
        printf '{"username": "%s", "password": "%s", "endpoint": "%s"}\n' "$username" "$password" "$endpoint" |
            set_shared "$relation"
    done
}

# The addresses of all members that have given one, sorted, one per line.
members() {
    {
        address cluster
        for unit in $(relation-list -r "$(cluster)"); do
            relation-get -r "$(cluster)" address "$unit"
        done
    } | sed '/^$/d' | sort
}

report() {
    count=$(members | wc -l | tr -d ' ')
    if [ "$count" -eq 1 ]; then
        message='1 member'
    else
        message="$count members"
    fi
    if is_leader; then
        status-set -- active "primary, $message"
        status-set --application=true -- active "$message"
    else
        status-set -- active "$message"
    fi
}

# Brings everything in line with what is known now; each hook may call it, at any time.
converge() {
    if [ -z "$(cluster)" ]; then
        return
    fi
    relation-set -r "$(cluster)" "address=$(address cluster)"
    if is_leader; then
        if [ -z "$(shared password)" ]; then
            make_credentials
            log 'made credentials'
        fi
        publish
    fi
}
