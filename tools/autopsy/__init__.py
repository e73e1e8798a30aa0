# SPDX-License-Identifier: MIT
"""autopsy - what a machine that died or hangs can still tell (tools/why.py)"""
