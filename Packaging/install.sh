#!/bin/sh
# Installs SpineRoot into a folder of its own, without what a container does not need: install.sh SOURCE PREFIX
# Used by Dockerfile and spineroot.def; works in any root that has Python with venv.
set -eu
source=$1 prefix=$2
python3 -m venv "$prefix"
"$prefix/bin/python" -m pip install --no-cache-dir --disable-pip-version-check "$source[model]"
"$prefix/bin/spineroot" --version
"$prefix/bin/python" "$source/Packaging/trim_vtk.py"
"$prefix/bin/python" -m pip uninstall --yes --quiet --disable-pip-version-check pip
packages=$("$prefix/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# tests of the libraries, sources and stubs, compiled files
find "$packages" -type d \( -name tests -o -name test -o -name __pycache__ \) -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' \) -delete
rm -rf "$packages/matplotlib/mpl-data/sample_data" "$packages/setuptools" "$packages/pkg_resources"
