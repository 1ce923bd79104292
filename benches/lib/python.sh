# Installs Python 3 from Debian: `sh python.sh`, as root. Ends with 1 where it can't.
if [ "$(id -u)" -ne 0 ]; then
    echo "to be installed first: python3" >&2
    exit 1
fi
{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3; } >&2
