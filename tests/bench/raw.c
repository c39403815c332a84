/* Raw: the same statements in a loop, without sockets: what SQLite alone costs.
 *
 *   raw --data DIR --sample id|given|family|email --count N     lines for the load's --fill
 *   raw --data DIR --key K --work read|list|search --fill FILE --seconds S
 *   raw --data DIR --key K --work create --seconds S --batch N  N creates share a commit
 *
 * Prints requests, seconds and its CPU as one line of JSON.
 */
#include "meter.h"
#include "people.h"
#include "rows.h"

#include <getopt.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option options[] = {
    { "data", required_argument, NULL, 'd' },    { "sample", required_argument, NULL, 'm' },
    { "count", required_argument, NULL, 'n' },   { "key", required_argument, NULL, 'k' },
    { "work", required_argument, NULL, 'w' },    { "fill", required_argument, NULL, 'f' },
    { "seconds", required_argument, NULL, 's' }, { "batch", required_argument, NULL, 'b' },
    { "given", required_argument, NULL, 'g' },   { NULL, 0, NULL, 0 },
};

struct raw {
    const char *data, *sample, *key_text, *work, *fill;
    int count, batch;
    double seconds;
    struct rows *reader, *writer;
    struct key key;
    unsigned char hash[32];
    unsigned char (*ids)[16];
    char (*texts)[64];
    size_t fill_count;
    struct out json;
    uint64_t dice;
    uint32_t created;
};

static bool arguments_read(int argc, char **argv, struct raw *raw);
static void fill_read(struct raw *raw);
static void read_one(struct raw *raw);
static void read_list(struct raw *raw);
static void search(struct raw *raw);
static void create_batch(struct raw *raw);
static int measure(struct raw *raw, void (*work)(struct raw *), int each);

int main(int argc, char **argv)
{
    struct raw raw = { .count = 1000, .batch = 1, .seconds = 1, .dice = 1 };

    if (!arguments_read(argc, argv, &raw))
        return 2;
    raw.reader = rows_open(raw.data, false);
    if (raw.sample)
        return rows_sample(raw.reader, raw.sample, raw.count) ? 0 : 2;
    SHA256((const unsigned char *)raw.key_text, strlen(raw.key_text), raw.hash);
    if (!rows_key(raw.reader, raw.hash, &raw.key)) {
        fprintf(stderr, "raw: the key is not in the table of keys\n");
        return 1;
    }
    if (raw.fill)
        fill_read(&raw);
    if (strcmp(raw.work, "read") == 0)
        return measure(&raw, read_one, 1);
    if (strcmp(raw.work, "list") == 0)
        return measure(&raw, read_list, 1);
    if (strcmp(raw.work, "search") == 0)
        return measure(&raw, search, 1);
    raw.writer = rows_open(raw.data, true);
    return measure(&raw, create_batch, raw.batch);
}

static bool arguments_read(int argc, char **argv, struct raw *raw)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            raw->data = optarg;
            break;
        case 'm':
            raw->sample = optarg;
            break;
        case 'n':
            raw->count = (int)strtol(optarg, NULL, 10);
            break;
        case 'k':
            raw->key_text = optarg;
            break;
        case 'w':
            raw->work = optarg;
            break;
        case 'f':
            raw->fill = optarg;
            break;
        case 's':
            raw->seconds = strtod(optarg, NULL);
            break;
        case 'b':
            raw->batch = (int)strtol(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    if (!raw->data || (!raw->sample && (!raw->key_text || !raw->work))) {
        fprintf(stderr, "raw: --data with --sample, or --data --key --work, are needed\n");
        return false;
    }
    return true;
}

/* Lines are ids or texts: both forms are kept. */
static void fill_read(struct raw *raw)
{
    FILE *file = fopen(raw->fill, "re");
    char line[64];
    size_t i, at;

    if (!file) {
        perror(raw->fill);
        exit(1);
    }
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = 0;
        raw->texts = realloc(raw->texts, (raw->fill_count + 1) * sizeof(*raw->texts));
        raw->ids = realloc(raw->ids, (raw->fill_count + 1) * sizeof(*raw->ids));
        memcpy(raw->texts[raw->fill_count], line, sizeof(line));
        for (i = at = 0; i < 16 && line[at]; i++) {
            char pair[3] = { 0 };

            at += line[at] == '-';
            memcpy(pair, line + at, 2);
            raw->ids[raw->fill_count][i] = (unsigned char)strtoul(pair, NULL, 16);
            at += pair[1] ? 2 : 1;
        }
        raw->fill_count++;
    }
    fclose(file);
}

static size_t dice(struct raw *raw)
{
    return raw->fill_count ? random_next(&raw->dice) % raw->fill_count : 0;
}

static void read_one(struct raw *raw)
{
    rows_key(raw->reader, raw->hash, &raw->key);
    rows_client(raw->reader, &raw->key, raw->ids[dice(raw)], &raw->json);
    rows_end(raw->reader);
}

static void list_by(struct raw *raw, const struct list *list)
{
    rows_key(raw->reader, raw->hash, &raw->key);
    rows_list(raw->reader, &raw->key, list, &raw->json);
    rows_end(raw->reader);
}

static void read_list(struct raw *raw)
{
    const char *name = raw->texts[dice(raw)];

    list_by(raw, &(struct list){ .limit = 50, .given = { name, strlen(name) } });
}

static void search(struct raw *raw)
{
    const char *name = raw->texts[dice(raw)];

    list_by(raw, &(struct list){ .limit = 50, .q = { name, strlen(name) } });
}

static void create_batch(struct raw *raw)
{
    struct create create = { .request_id = { "6743b2f1-1", 10 } };
    struct person who;
    int i;

    rows_batch_begin(raw->writer);
    for (i = 0; i < raw->batch; i++) {
        person_make(7777, raw->created++, &who);
        create.given = (struct text){ who.given, strlen(who.given) };
        create.family = (struct text){ who.family, strlen(who.family) };
        create.email = (struct text){ who.email, strlen(who.email) };
        raw->json.len = 0;
        rows_create(raw->writer, &raw->key, &create, &raw->json);
    }
    rows_batch_commit(raw->writer);
}

static int measure(struct raw *raw, void (*work)(struct raw *), int each)
{
    struct meter from, to;
    struct usage usage;
    size_t requests = 0;

    meter_read(&from, 0);
    do {
        raw->json.len = 0;
        work(raw);
        requests += (size_t)each;
    } while ((double)(meter_now() - from.wall) / 1e9 < raw->seconds);
    meter_read(&to, 0);
    meter_between(&from, &to, &usage);
    printf("{\"requests\":%zu,\"refused\":0,\"seconds\":%.6f,\"server\":%.6f,\"load\":0,"
           "\"kernel\":%.6f,\"foreign\":%.6f,\"steal\":%.6f,\"p50\":0,\"p99\":0,\"max\":0}\n",
           requests, usage.seconds, usage.load, usage.kernel, usage.foreign, usage.steal);
    return 0;
}
