#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rebuilds the CAP files beside this script and in tests/:
#   JC_KIT=/path/to/jc222_kit GP_API=/path/to/org.globalplatform-1.0 applets/build.sh
# Needs ecj, a Java runtime, the Java Card 2.2.2 development kit and GlobalPlatform's API (README.md names them).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${JC_KIT:?set JC_KIT to the folder of the Java Card 2.2.2 kit (the one with lib/ and api_export_files/)}"
kit=$(cd "$JC_KIT" && pwd)
tools=$kit/lib/converter.jar:$kit/lib/offcardverifier.jar
exports=$kit/api_export_files
: "${GP_API:?set GP_API to the folder of org.globalplatform 1.0 (the one with the jar and exports/)}"
gp=$(cd "$GP_API" && pwd)
out=$(mktemp -d)
libraries=$out/libraries
mkdir "$libraries"
trap 'rm -rf "$out"' EXIT

# 'F04F54' -> '0xF0:0x4F:0x54', the way the converter wants an AID
colons() { sed -e 's/../0x&:/g' -e 's/:$//' <<<"$1"; }

# build SOURCES PACKAGE PACKAGE_AID VERSION CAP [MODULE_AID CLASS]...
# A package without a module is a library; those built after it may import it.
build() {
  local src=$1 pkg=$2 paid=$3 version=$4 cap=$5
  shift 5
  local dir=$out/$cap path=${pkg//.//} library=$((! $#)) files applets=()
  mkdir -p "$dir"
  while [ $# -gt 0 ]; do
    applets+=(-applet "$(colons "$1")" "$pkg.$2")
    shift 2
  done
  mapfile -t files < <(find "$here/$src" -name '*.java' | LC_ALL=C sort)
  # -g: the converter tells short from int by the debug tables; none of it reaches the CAP.
  ecj -g -nowarn -source 1.3 -target 1.1 -encoding UTF-8 \
    -bootclasspath "$kit/lib/api.jar" -classpath "$libraries:$gp/gpapi-globalplatform.jar" -d "$dir" "${files[@]}"
  java -cp "$tools" com.sun.javacard.converter.Converter -nobanner -i \
    -classdir "$dir" -d "$dir" -exportpath "$exports:$gp/exports:$libraries" -out CAP EXP \
    "${applets[@]}" "$pkg" "$(colons "$paid")" "$version"
  mapfile -t files < <(find "$exports" "$gp/exports" "$libraries" -name '*.exp')
  java -cp "$tools" com.sun.javacard.offcardverifier.Verifier -nobanner \
    "${files[@]}" "$dir/$path/javacard/${pkg##*.}.exp" "$dir/$path/javacard/${pkg##*.}.cap"
  cp "$dir/$path/javacard/${pkg##*.}.cap" "$here/$cap"
  if [ "$library" = 1 ]; then cp -r "$dir/." "$libraries"; fi
  echo "$cap: load file $(load_file_size "$here/$cap") bytes," \
    "$(load_file_size "$here/$cap" with) with Descriptor"
}

# Size of the load file data block: tag C4, its length, and the components a card is sent.
load_file_size() {
  local skip='Debug|Descriptor' sum
  if [ "${2:-}" = with ]; then skip='Debug'; fi
  sum=$(unzip -lqq "$1" '*.cap' | grep -vE "/($skip)\.cap$" | awk '{ s += $1 } END { print s }')
  if [ "$sum" -lt 128 ]; then echo $((sum + 2))
  elif [ "$sum" -lt 256 ]; then echo $((sum + 3))
  else echo $((sum + 4)); fi
}

build hello/src org.oti.hello F04F544901 1.0 hello.cap F04F54490101 HelloApplet
build transit/v1/src org.oti.transit F04F544902 1.0 transit-1.0.cap F04F54490201 TransitApplet
build transit/v2/src org.oti.transit F04F544902 1.1 transit-1.1.cap F04F54490201 TransitApplet

build tests/library/src org.oti.tests.library F04F544910 1.0 tests/library.cap
build tests/user/src org.oti.tests.user F04F544911 1.0 tests/user.cap F04F54491101 UserApplet
build tests/multi/src org.oti.tests.multi F04F544912 1.0 tests/multi.cap F04F54491201 MultiApplet
build tests/secured/src org.oti.tests.secured F04F544913 1.0 tests/secured.cap F04F54491301 SecuredApplet
build tests/support/src org.oti.tests.support F04F54491F 1.0 tests/support.cap
build tests/arithmetic/src org.oti.tests.arithmetic F04F544920 1.0 tests/arithmetic.cap F04F54492001 ArithmeticApplet
build tests/integers/src org.oti.tests.integers F04F544921 1.0 tests/integers.cap F04F54492101 IntegersApplet
build tests/objects/src org.oti.tests.objects F04F544922 1.0 tests/objects.cap F04F54492201 ObjectsApplet
build tests/memory/src org.oti.tests.memory F04F544923 1.0 tests/memory.cap F04F54492301 MemoryApplet
build tests/atomic/src org.oti.tests.atomic F04F544924 1.0 tests/atomic.cap F04F54492401 AtomicApplet
build tests/exchange/src org.oti.tests.exchange F04F544925 1.0 tests/exchange.cap F04F54492501 ExchangeApplet
build tests/system/src org.oti.tests.system F04F544926 1.0 tests/system.cap F04F54492601 SystemApplet
build tests/shelf/src org.oti.tests.shelf F04F54492A 1.0 tests/shelf.cap
build tests/server/src org.oti.tests.server F04F544927 1.0 tests/server.cap F04F54492701 ServerApplet
build tests/client/src org.oti.tests.client F04F544928 1.0 tests/client.cap F04F54492801 ClientApplet
build tests/crypto/src org.oti.tests.crypto F04F544929 1.0 tests/crypto.cap F04F54492901 CryptoApplet
