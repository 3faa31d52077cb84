#!/bin/sh
# Run once by the Postgres image, on an empty volume: each app its own role and its own database, closed to the others.
set -eu

create() {
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set name="$1" --set password="$2" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke all on database :"name" from public;
SQL
}

# `DATABASE_PASSWORD_GUEST_AUTH` → `guest_auth`
env | sed -n 's/^DATABASE_PASSWORD_\([A-Z_]*\)=/\1 /p' | while read -r app password; do
  create "$(echo "$app" | tr '[:upper:]' '[:lower:]')" "$password"
done
