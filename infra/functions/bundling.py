"""Builds the functions' zip without Docker: lambdas/ and the packages in its requirements.txt.

The same sources produce the same files, so a deployment without changes uploads nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk.aws_lambda import Code

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas"
CACHE = ROOT / ".build" / "vendored"
PYTHON_VERSION = "3.14"  # the version of the functions, whatever version runs the CDK

# Files in which pip records this machine and this run.
INSTALL_RECORDS = (
    "bin",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
)


def functions_code() -> Code:
    """The zip of all functions of a stack, named by its content."""
    never_used = DockerImage.from_registry("none")
    return Code.from_asset(
        str(LAMBDAS),
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(image=never_used, local=LocalBundling()),
    )


@jsii.implements(ILocalBundling)
class LocalBundling:
    def try_bundle(self, output_dir: str, *_options: object, **_named_options: object) -> bool:
        """Raises on failure, because CDK would use Docker if this returned False."""
        bundle(Path(output_dir))
        return True


def bundle(target: Path) -> None:
    shutil.copytree(_vendored(LAMBDAS / "requirements.txt"), target, dirs_exist_ok=True)
    for source in LAMBDAS.rglob("*.py"):
        copy = target / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    for path in target.rglob("*"):
        # Lambda runs the code as a different user from the one whose umask applied here.
        path.chmod(0o755 if path.is_dir() else 0o644)


def _vendored(requirements: Path) -> Path:
    """The directory of installed packages, cached by the content of the requirements and of this file."""
    sources = requirements.read_bytes() + Path(__file__).read_bytes()
    cached = CACHE / hashlib.sha256(sources).hexdigest()
    if not cached.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            installed = Path(scratch) / "installed"
            _install(requirements, installed)
            _keep(installed, cached)
    return cached


def _keep(installed: Path, cached: Path) -> None:
    """Atomic. If two processes install at the same time, the result of the first is kept."""
    try:
        installed.rename(cached)
    except OSError:
        if not cached.exists():
            raise


def _install(requirements: Path, target: Path) -> None:
    """Installs only pure Python, which runs on any processor, and only the packages in the file."""
    subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "--only-binary=:all:"),
            *("--platform=any", "--abi=none", "--implementation=py", f"--python-version={PYTHON_VERSION}"),
            *("--requirement", str(requirements), "--target", str(target)),
        ],
        check=True,
    )
    for pattern in INSTALL_RECORDS:
        for path in target.glob(pattern):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
