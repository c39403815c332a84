/* Harness_shared: what a test's process tells the one that runs it; shared memory of both. */
#ifndef FOYER_TESTS_HARNESS_SHARED_H
#define FOYER_TESTS_HARNESS_SHARED_H

struct harness_shared {
    const char *file; /* a literal: it has the same address in both */
    int line;         /* 0: no check has failed */
    char message[2048];
    char note[512];
    char folder[256];
};

extern struct harness_shared *harness_shared;

#endif
