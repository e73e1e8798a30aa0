# SPDX-License-Identifier: MIT
"""test_line_ends.py - a checkout has line feeds, whatever git's user prefers

Problem     A git that was told to write CRLF makes of every script one that no
            shell starts, and of every continued line in a Makefile two.
Idea        .gitattributes overrules what its user told git. Here the files of
            this tree become a repository, and that is cloned by such a git.
"""

import pathlib
import re
import subprocess

import pytest

import lacuna
import tree

pytestmark = pytest.mark.quick


def git(folder, *words):
    """What git prints, without what this machine's git was told."""
    environment = lacuna.clean_environment("GIT_DIR", "GIT_WORK_TREE",
                                           "GIT_INDEX_FILE")
    environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
    return subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
        cwd=folder, env={**environment, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origin")
    lacuna.copy_tree(folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    return folder


@pytest.mark.parametrize("option", ["core.autocrlf=true", "core.eol=crlf"])
def test_a_clone_has_line_feeds_only(repository, tmp_path, option):
    copy = tmp_path / "copy"
    git(repository, "clone", "-q", "-c", option, repository, copy)
    files = git(copy, "ls-files", "--eol").decode().splitlines()
    assert [line for line in files if "attr/-text" not in line
            and re.search(" w/(crlf|mixed) ", line)] == []
    assert len([line for line in files if " w/lf " in line]) > 200


def test_a_file_with_crlf_is_stored_with_line_feeds(repository):
    (repository / "Makefile").write_bytes(b"all:\r\n\ttrue\r\n")
    git(repository, "commit", "-q", "-a", "-m", "from another editor")
    assert git(repository, "show", "HEAD:Makefile") == b"all:\n\ttrue\n"


@pytest.mark.parametrize("name, text", [
    ("a.md", b"a line\r\n"),
    ("a.patch", b" context\r\n"),
    ("a.md", b"one\rline\n"),
])
def test_a_carriage_return_is_found(name, text):
    found = list(tree.file_complaints(pathlib.PurePosixPath(name), text))
    assert found == [(1, "T2: a carriage return")]
