"""Faults of load generator, target, machine and record: what a person sees, what must not be lost or happen.

| fault | held by |
|---|---|
| perfpilot killed while JMeter runs | e2e/test_crash, e2e/test_random_kills |
| killed between start and record | test_left_behind, test_run |
| JMeter killed | e2e/test_exit_codes, test_torn_results |
| JMeter out of memory | test_memory, test_start_again |
| JMeter hangs, or heeds no order | test_overdue, test_stop |
| target refuses, dies in mid-run, restarts | e2e/test_faults, e2e/test_exit_codes, e2e/test_loops |
| target accepts and never replies | test_bad_answers, e2e/test_exit_codes |
| slow drip, huge body, bad gzip | test_overdue, test_bad_answers, jmx/test_real_failures |
| disk full | test_full_disk, e2e/test_faults, test_run |
| result file cut at any byte | test_torn_results, analysis/test_reader |
| result file spoiled or appended to | test_torn_results, analysis/test_reader_damage |
| wall clock set | test_clock, test_run (a process is known all the same) |
| signals, closed terminal | e2e/test_faults, e2e/test_exit_codes, cli/test_stopping |
| two runs at once | e2e/test_faults, test_locks, graph/test_session, test_generator_limits (control port) |
| orphans of a crash | test_left_behind, test_run |
| checkpoint damaged, old, tampered with | test_checkpoint, e2e/test_crash, history/test_run_directory |
| Java, JMeter, ports, files, temporary directory | test_preflight, test_doctor, test_java, test_home |
| generator at its limits | test_generator_limits, analysis/test_generator, analysis/test_live_generator |
| loops and searches that never converge | graph/test_routing, nodes/test_collect, search/test_load_search |

A real JMeter runs wherever one can be made to show the fault; `fake_jmeter` stands in elsewhere. What takes
long is marked `long`.
"""
