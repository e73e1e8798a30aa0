# SPDX-License-Identifier: MIT
# timelapse.mk - a run, recorded and played: make timelapse
#
# A small machine by default: an event is a line, and the demonstration touches
# each frame.
# See         docs/trace.md

timelapse: MEM := $(if $(filter file,$(origin MEM)),48M,$(MEM))
timelapse: $(ELF) ## a run that can be played: build/timelapse.html; APPEND=
	$(call tool,run,timelapse.py $(ELF))

.PHONY: timelapse
