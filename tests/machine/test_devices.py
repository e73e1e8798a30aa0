# SPDX-License-Identifier: MIT
"""test_devices.py - a device that no PC has by itself"""


def test_registers_of_a_pci_device_are_reached(boot):
    """QEMU's edu answers where PCI says that it is (mm/ioremap.c)."""
    run = boot(mem="64M", extra=["-device", "edu"], append=
               "test=ioremap.registers_of_a_pci_device_answer exit")
    assert run.problems() == []
    assert "# totals: pass:1 fail:0 skip:0 suites:1" in run.lines
