/* Answer: key, bucket, rule, row. Reads end here; creates go on to the writer. */
#include "bare.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <time.h>

/* A token bucket of one key. */
struct bucket {
    int64_t key;
    double tokens;
    uint64_t at; /* nanoseconds, monotonic */
};
enum { BUCKETS = 1024 };
static const double bucket_rate = 1e9, bucket_burst = 1e9;

static int run(struct conn *conn, struct text request_id);
static bool bucket_take(int64_t key, int64_t *left);
static int read_one(struct conn *conn, const struct key *key);
static int read_list(struct conn *conn, const struct key *key);
static int create(struct conn *conn, const struct key *key, struct text request_id);
static bool id_parse(const char *text, unsigned char id[16]);
static struct text query_value(const char *url, const char *name);

static const char clients[] = "/v1/clients";
enum { CLIENTS = sizeof(clients) - 1 };

void answer(struct conn *conn)
{
    struct bare *bare = conn->bare;
    struct text request_id;
    int status;

    bare->id.len = 0;
    out_put(&bare->id, bare->id_prefix, strlen(bare->id_prefix));
    out_int(&bare->id, (int64_t)++bare->id_count);
    request_id = (struct text){ bare->id.at, bare->id.len };
    bare->body.len = 0;
    conn->url[conn->url_len < URL_MAX ? conn->url_len : URL_MAX - 1] = 0;
    status = run(conn, request_id);
    rows_end(bare->rows);
    if (status) /* else the writer has it */
        conn_answer(conn, status, request_id);
}

static int run(struct conn *conn, struct text request_id)
{
    struct bare *bare = conn->bare;
    bool is_post = llhttp_get_method(&conn->parser) == HTTP_POST;
    unsigned char hash[32];
    struct key key;
    SHA256_CTX sha;

    SHA256_Init(&sha);
    SHA256_Update(&sha, conn->key, conn->key_len);
    SHA256_Final(hash, &sha);
    if (strncmp(conn->url, clients, CLIENTS) != 0)
        return 404;
    if (!rows_key(bare->rows, hash, &key))
        return 401;
    if (!bucket_take(key.seq, &bare->tokens))
        return 429;
    if (!rule_allows(bare->rule, &key, is_post ? MAY_CREATE : MAY_VIEW))
        return 403;
    if (is_post)
        return create(conn, &key, request_id);
    return conn->url[CLIENTS] == '/' ? read_one(conn, &key) : read_list(conn, &key);
}

static bool bucket_take(int64_t key, int64_t *left)
{
    static struct bucket buckets[BUCKETS];
    struct bucket *bucket = &buckets[key % BUCKETS];
    uint64_t now = uv_hrtime();

    if (bucket->key != key)
        *bucket = (struct bucket){ key, bucket_burst, now };
    bucket->tokens += (double)(now - bucket->at) / 1e9 * bucket_rate;
    if (bucket->tokens > bucket_burst)
        bucket->tokens = bucket_burst;
    bucket->at = now;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    *left = (int64_t)bucket->tokens;
    return true;
}

static int read_one(struct conn *conn, const struct key *key)
{
    unsigned char id[16];

    if (!id_parse(conn->url + CLIENTS + 1, id) ||
        !rows_client(conn->bare->rows, key, id, &conn->bare->body))
        return 404;
    return 200;
}

static int read_list(struct conn *conn, const struct key *key)
{
    struct list list = { .limit = 100 };
    struct text limit = query_value(conn->url, "limit");

    if (limit.at)
        list.limit = strtol(limit.at, NULL, 10);
    list.given = query_value(conn->url, "givenName");
    list.family = query_value(conn->url, "familyName");
    list.q = query_value(conn->url, "q");
    if (list.limit < 1 || list.limit > 1000)
        return 400;
    rows_list(conn->bare->rows, key, &list, &conn->bare->body);
    return 200;
}

static bool keep(struct job *job, const char *at, size_t len, size_t *used, struct text *text)
{
    if (!at || !len || sizeof(job->text) - *used < len)
        return false;
    text->at = memcpy(job->text + *used, at, len);
    text->len = len;
    *used += len;
    return true;
}

static bool keep_member(struct job *job, json_t *body, const char *name, size_t *used,
                        struct text *text)
{
    json_t *value = json_object_get(body, name);

    return keep(job, json_string_value(value), json_string_length(value), used, text);
}

static int create(struct conn *conn, const struct key *key, struct text request_id)
{
    json_t *body = json_loadb(conn->body, conn->body_len, JSON_REJECT_DUPLICATES, NULL);
    struct job *job = malloc(sizeof(*job));
    size_t used = 0;

    memset(job, 0, offsetof(struct job, text));
    job->key = *key;
    job->tokens = conn->bare->tokens;
    if (!keep(job, request_id.at, request_id.len, &used, &job->create.request_id) ||
        !keep_member(job, body, "givenName", &used, &job->create.given) ||
        !keep_member(job, body, "familyName", &used, &job->create.family) ||
        !keep_member(job, body, "email", &used, &job->create.email)) {
        json_decref(body);
        free(job);
        return 400;
    }
    json_decref(body);
    job->conn = conn;
    conn->job = job;
    writer_put(conn->bare->writer, job);
    return 0;
}

/* Small helpers ----------------------------------------------------------------------------- */

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool id_parse(const char *text, unsigned char id[16])
{
    int i, high, low;

    for (i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        high = nibble(*text++);
        low = high < 0 ? -1 : nibble(*text++);
        if (low < 0)
            return false;
        id[i] = (unsigned char)(high << 4 | low);
    }
    return *text == 0;
}

/* As it stands in the URL: what the load sends needs no decoding. */
static struct text query_value(const char *url, const char *name)
{
    const char *at = strchr(url, '?');
    size_t len = strlen(name);

    while (at) {
        if (strncmp(at + 1, name, len) == 0 && at[1 + len] == '=')
            return (struct text){ at + 2 + len, strcspn(at + 2 + len, "&") };
        at = strchr(at + 1, '&');
    }
    return (struct text){ NULL, 0 };
}
