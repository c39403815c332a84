/* Limits: every ceiling of the program, in one place. Reaching one is an ordinary answer. */
#ifndef FOYER_BASE_LIMITS_H
#define FOYER_BASE_LIMITS_H

#define KIB(n) ((size_t)(n)*1024)
#define MIB(n) ((size_t)(n)*1024 * 1024)

/* HTTP, what comes in */
#define LIMIT_HEADER_BYTES          KIB(16)
#define LIMIT_HEADER_LINES          100
#define LIMIT_REQUEST_LINE          KIB(8)
#define LIMIT_CHUNK_EXTENSIONS      KIB(4) /* bytes in a whole body */
#define LIMIT_JSON_BODY             MIB(1)
#define LIMIT_BODIES                MIB(128) /* that are coming in, of all connections of a loop */
#define LIMIT_JSON_DEPTH            32
#define LIMIT_JSON_VALUES           65536
#define LIMIT_FIELD_ERRORS          100 /* faulty fields that an answer names */
#define LIMIT_FIELD_NAME            200 /* bytes of such a name */
#define LIMIT_FORM_PARAMS           256
#define LIMIT_QUERY_PARAMS          64
#define LIMIT_PIPELINED             KIB(64) /* bytes read ahead while an answer is being made */
#define LIMIT_CONNECTIONS           10000
#define LIMIT_HEADER_SECONDS        10
#define LIMIT_BODY_BYTES_PER_SECOND KIB(1)
#define LIMIT_IDLE_SECONDS          15
#define LIMIT_BODY_WINDOW_SECONDS   10 /* in which the rate of a body is looked at */
#define LIMIT_WRITE_STALL_SECONDS   20
#define LIMIT_LINGER_SECONDS        2 /* until a connection is closed on a peer that still sends */
#define LIMIT_LINGER_BYTES          MIB(1)
#define LIMIT_GONE_SECONDS          2 /* an answer is waited for by a peer that sends no more */
#define LIMIT_DRAIN_SECONDS         30

/* A request */
#define LIMIT_REQUEST_ARENA   MIB(8)
#define LIMIT_REPLY_BODY      MIB(16)
#define LIMIT_LIST_DEFAULT    100
#define LIMIT_LIST_MAX        1000
#define LIMIT_LIST_INLINE     250 /* rows of a page: a larger one is read on a reader */
#define LIMIT_IDEMPOTENCY_KEY 255
#define LIMIT_INVITES         10000  /* clientIds of one call */
#define LIMIT_OPERATION_ITEMS 100000 /* clients of a company that one call is about */

/* The writer */
#define LIMIT_BATCH_JOBS         64
#define LIMIT_BATCH_MICROSECONDS 5000
#define LIMIT_WRITER_QUEUE       4096
#define LIMIT_WAL_BYTES          MIB(64)

/* A read that takes more than this on its loop is begun again on a reader; there it is stopped. */
#define LIMIT_READ_STEPS        100000 /* of SQLite's machine: 3 ms of CPU, and what is made of the rows */
#define LIMIT_READ_MILLISECONDS 50 /* or by the clock: it waits for the disk */
#define LIMIT_READER_QUEUE      256
#define LIMIT_READER_SECONDS    5

/* Workers: password hashes have a queue of their own */
#define LIMIT_WORKER_QUEUE   256
#define LIMIT_PASSWORD_QUEUE 64

/* Scripts */
#define LIMIT_SCRIPT_SOURCE       KIB(128)
#define LIMIT_PLUGIN_TEXT         MIB(2) /* of what a folder's plugin is loaded of, without libraries */
#define LIMIT_SCRIPT_STATE        MIB(16)
#define LIMIT_SCRIPT_ALLOCATION   MIB(1)
#define LIMIT_SCRIPT_MAIL         KIB(128) /* of a text of a mail that a script queues */
#define LIMIT_SCRIPT_MAILS        20       /* that one call queues */
#define LIMIT_SCRIPT_EVENT        KIB(64)  /* data of an event that a script tells */
#define LIMIT_SCRIPT_EVENTS       20       /* that one call tells */
#define LIMIT_ANSWER_WORDS        2000     /* of a message or reason that a script gives */
#define LIMIT_RULE_MICROSECONDS   5000
#define LIMIT_FILTER_MICROSECONDS 20000
#define LIMIT_RENDER_MICROSECONDS 20000
#define LIMIT_LOAD_MICROSECONDS   500000
#define LIMIT_TEST_MICROSECONDS   2000000
#define LIMIT_NATIVE_LIBRARY      MIB(8) /* of a native plugin */
#define LIMIT_SELF_TEST_SECONDS   10     /* of one, in a process of its own */
#define LIMIT_SCOPE_TERMS         32
#define LIMIT_PLUGIN_SETTINGS     KIB(64) /* of a plugin in a workspace, as JSON */
#define LIMIT_CACHE               MIB(32) /* foyer.cache, all together */
#define LIMIT_FIGURES             MIB(8) /* of /metrics: no metric of a plugin begins beyond that */
#define LIMIT_CACHE_PLACE         MIB(4) /* of a plugin in a workspace */
#define LIMIT_DECISIONS_RING      4096
#define LIMIT_DECISIONS_BYTES     KIB(512) /* of their texts, a thread */
#define LIMIT_DECISION_TEXT       KIB(2)
#define LIMIT_DECISION_READS      KIB(4)

/* Budgets are of CPU time. Instrumented code is slower: they are multiplied by this under the sanitizers. */
#if defined(__SANITIZE_THREAD__)
#define BUDGET_SCALE 20
#elif defined(__SANITIZE_ADDRESS__)
#define BUDGET_SCALE 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BUDGET_SCALE 20
#endif
#endif
#ifndef BUDGET_SCALE
#define BUDGET_SCALE 1
#endif
#define BUDGET_WALL_FACTOR 20 /* so much longer by the clock */

/* Tasks of scripts, which run in slices: what cannot be left in the middle may take so long beyond its slice */
#define LIMIT_STRETCH_MICROSECONDS 20000

/* Handlers of events */
#define LIMIT_HANDLER_MICROSECONDS        2000000 /* of CPU, in slices, */
#define LIMIT_HANDLER_SLICE               2000    /* of so many microseconds */
#define LIMIT_HANDLER_SECONDS             30      /* in all */
#define LIMIT_HANDLER_READ_MS             1000    /* of one read: others wait meanwhile */
#define LIMIT_NATIVE_HANDLER_MICROSECONDS 100000  /* of one in C: it cannot be left in the middle */
#define LIMIT_HANDLERS                    64      /* that have begun, at one time */

/* Requests that scripts answer */
#define LIMIT_VISITS        64  /* at one time, */
#define LIMIT_VISITS_OF_ONE 16  /* and of one plugin */
#define LIMIT_VISIT_QUEUE   512 /* that wait for their turn, */
#define LIMIT_VISIT_WAIT    128 /* and of one plugin */
#define LIMIT_SCRIPT_BODY   1000000
#define LIMIT_SCRIPT_REPLY  1000000
#define LIMIT_REPLY_HEADERS 12   /* that a script sets */
#define LIMIT_REPLY_HEADER  4096 /* bytes of one */
#define LIMIT_PAGE_NOTICE   300  /* bytes of what the next page says once */
#define LIMIT_ASSET         MIB(1)

/* Mail */
#define LIMIT_MAIL_BYTES     MIB(1)
#define LIMIT_MAIL_IN_FLIGHT 8
#define LIMIT_MAIL_ATTEMPTS  12

/* What scripts fetch */
#define LIMIT_FETCHES               64 /* at one time: each handler that runs has one at most */
#define LIMIT_FETCHES_HOST          4  /* of them from one host */
#define LIMIT_FETCH_URL             8192
#define LIMIT_FETCH_HEADERS         16384 /* bytes that are sent */
#define LIMIT_FETCH_BODY            1000000
#define LIMIT_FETCH_HEAD            KIB(64)
#define LIMIT_FETCH_ANSWER          1000000 /* what foyer.json.decode takes */
#define LIMIT_FETCH_REDIRECTS       5
#define LIMIT_FETCH_CONNECT_SECONDS 5
#define LIMIT_FETCH_SECONDS         10 /* where the script says nothing, */
#define LIMIT_FETCH_MOST_SECONDS    25 /* and at most: below what a handler has */
#define LIMIT_FETCH_WINDOW_SECONDS  10 /* in which at least so much of an answer comes: */
#define LIMIT_FETCH_WINDOW_BYTES    KIB(1)

/* People */
#define LIMIT_PASSWORD_MIN 12
#define LIMIT_PASSWORD_MAX 256
#define LIMIT_EMAIL_BYTES  254

/* Channels */
#define LIMIT_GROUP_MEMBERS 500   /* a client is in at most 200 groups: see the schema */
#define LIMIT_CHANNEL_SHOWN 10000 /* members of a company channel that its answer names */
#define LIMIT_PAGE_MEMBERS  25000 /* of all channels of a page: what is beyond comes with the next */

#endif
