#!/usr/bin/env bash
# sslyze scans the command with HTTPS against Mozilla's intermediate profile. usage: check.sh DOGET SSLYZE
# The certificate is the test's own, so what is said of the certificate itself does not count; nothing else may differ.
set -euo pipefail
doget=$1 sslyze=$2
# Variables that choose tests are no options of the command.
for name in "${!DOGET_@}"; do unset "$name"; done
here=$(cd "$(dirname "$0")/../../.." && pwd)
# What the command says is in a file that is there before the command is.
room=$(mktemp -d) said=$(mktemp) server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$room" "$said"' EXIT
keys=$here/tests/support/tls
"$doget" 0 -b 127.0.0.1 -d "$room" --tls-cert "$keys/ec-cert.pem" --tls-key "$keys/ec-key.pem" >"$said" 2>&1 &
server=$!
port=
for _ in {1..100}; do
    port=$(sed -n 's/^Serving HTTPS on .* port \([0-9]*\) .*/\1/p' "$said")
    [[ -z $port ]] || break
    sleep 0.1
done
[[ $port ]]
timeout 150 "$sslyze" --mozilla_config intermediate "localhost:$port" >"$room/report" 2>&1 || true
# The lines behind COMPLIANCE say each way in which it differs.
sed -n '/COMPLIANCE AGAINST/,$p' "$room/report" >"$room/compliance"
cat "$room/compliance"
grep -q "FAILED\|VULNERABLE\|OK - Compliant" "$room/compliance"
own='certificate_path_validation\|maximum_certificate_lifespan'
if grep '^ *\* ' "$room/compliance" | grep -v "$own" | grep -q .; then
    echo "it differs from Mozilla's intermediate profile"
    exit 1
fi
