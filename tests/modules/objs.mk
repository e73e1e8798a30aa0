# SPDX-License-Identifier: MIT
TEST_OBJS += tests/modules/test_edit.o	# the line editor, key by key
TEST_OBJS += tests/modules/test_monitor.o	# a line is cut up; the prompt
TEST_OBJS += tests/modules/test_memory.o	# questions about memory
TEST_OBJS += tests/modules/test_owners.o	# who has which frames
TEST_OBJS += tests/modules/test_access.o	# peek and poke
TEST_OBJS += tests/modules/test_take.o	# what a visitor takes, and gives back
TEST_OBJS += tests/modules/test_slots.o	# kmap
TEST_OBJS += tests/modules/test_session.o	# help and log
TEST_OBJS += tests/modules/test_testing.o	# test and bench
TEST_OBJS += tests/modules/test_tlblab.o	# what a flush left out shows is real
TEST_OBJS += tests/modules/test_quiz.o	# its rules, its answers, its books
TEST_OBJS += tests/modules/test_demo.o	# the demonstration gives all back
TEST_OBJS += tests/modules/test_explain_kinds.o	# one address of each kind
TEST_OBJS += tests/modules/test_map.o	# memory as a picture: what is drawn is there
TEST_OBJS += tests/modules/test_trace.o	# trace= good and damaged
