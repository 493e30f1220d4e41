"""Prints what the program is built of, as CycloneDX: every crate that is linked into it, with its licence and checksum."""

import json
import subprocess
import sys
import tomllib

target = sys.argv[1]
ask = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
metadata = json.loads(subprocess.run(ask, check=True, capture_output=True).stdout)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
with open("Cargo.lock", "rb") as file:
    locked = tomllib.load(file)["package"]
checksums = {(each["name"], each["version"]): each.get("checksum") for each in locked}


def needed(node):
    """The crates that a crate is linked with. What only builds or tests it is left out."""
    for dependency in node["deps"]:
        if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
            yield dependency["pkg"]


root = next(each for each in packages if packages[each]["name"] == "hs-secrets")
linked, to_visit = set(), [root]
while to_visit:
    crate = to_visit.pop()
    if crate not in linked:
        linked.add(crate)
        to_visit.extend(needed(nodes[crate]))


def component(package, kind):
    name, version = package["name"], package["version"]
    purl = f"pkg:cargo/{name}@{version}"
    described = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if package["license"]:
        described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if checksums.get((name, version)):
        described["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
    return described


def order(crate):
    return packages[crate]["name"], packages[crate]["version"]


def purl_of(crate):
    return component(packages[crate], "library")["purl"]


crates = sorted(linked, key=order)
document = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {"component": component(packages[root], "application")},
    "components": [component(packages[each], "library") for each in crates if each != root],
    "dependencies": [
        {"ref": purl_of(each), "dependsOn": sorted({purl_of(other) for other in needed(nodes[each])})} for each in crates
    ],
}
print(json.dumps(document, indent=1))
