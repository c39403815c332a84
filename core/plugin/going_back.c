/* Going back: ending the trial of a script that keeps failing. */
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/folder.h"
#include "plugin/host_state.h"
#include "plugin/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REASON = TRIAL_REASON + 200 };

static void end_trial(struct host *host, const struct plugin *plugin, struct trial *trial);
static void tell(const struct plugin *plugin, const struct trial *trial, char reason[REASON]);
static bool lies_on_disk(const struct host *host, const struct plugin *plugin);
static bool put_back(struct host *host, const struct plugin *plugin, const struct trial *trial);
static void remember(struct host *host, const struct left_script *left);
static void path_of(const struct host *host, const struct plugin *plugin, const char *ending,
                    char path[4400]);
static char *copy(struct str text);
static void left_free(struct left_script *left);

void host_end_trials(struct host *host)
{
    bool has_failing = atomic_exchange(&host->has_failing, false);
    struct generation *generation;
    uint64_t now = clock_monotonic();

    mutex_lock(&host->reloading);
    generation = host_hold(host);
    for (size_t i = 0; generation && i < generation->plugin_count; i++) {
        struct trial *trial = &generation->trials[i];
        bool is_failing;

        if (!atomic_load_explicit(&trial->is_on, memory_order_relaxed))
            continue;
        mutex_lock(&host->lock);
        is_failing = has_failing && trial_failing(&generation->plugins[i], trial) >= 0;
        mutex_unlock(&host->lock);
        if (is_failing)
            end_trial(host, &generation->plugins[i], trial);
        else if (now > trial->until)
            atomic_store_explicit(&trial->is_on, false, memory_order_relaxed);
    }
    host_drop(host, generation);
    mutex_unlock(&host->reloading);
}

/* With `reloading` held, and the plugin's generation. What somebody has changed meanwhile is not
 * touched: it is loaded by the next look. */
static void end_trial(struct host *host, const struct plugin *plugin, struct trial *trial)
{
    struct left_script left = { .name = NULL };
    char path[4400];
    char reason[REASON];

    if (!lies_on_disk(host, plugin))
        return;
    mutex_lock(&host->lock); /* before others fail meanwhile */
    tell(plugin, trial, reason);
    mutex_unlock(&host->lock);
    atomic_store_explicit(&trial->is_on, false, memory_order_relaxed);
    if (!put_back(host, plugin, trial))
        return;
    left.report = copy(str_from(reason));
    if (plugin->manifest)
        folder_tell(host->data, plugin->id, "quarantined", str_from(reason));
    path_of(host, plugin, ".quarantined", path);
    log_error(STR_NONE, "a script kept failing: what was in force before is in force again",
              LOG_S("script", plugin->id), LOG_C("reason", left.report), LOG_C("kept_as", path));
    left.name = copy(plugin->id);
    left.source = copy(plugin->text);
    left.before = str_is_absent(trial->before) ? NULL : copy(trial->before);
    remember(host, &left);
}

/* Under the host's lock. */
static void tell(const struct plugin *plugin, const struct trial *trial, char reason[REASON])
{
    int i = trial_failing(plugin, trial);

    if (i < 0)
        snprintf(reason, REASON, "it failed: %s", trial->reason);
    else
        snprintf(reason, REASON, "%s %.*s failed %u of %u times: %s",
                 hook_kind_names[plugin->registrations[i].kind],
                 STR_ARG(plugin->registrations[i].subject), trial->functions[i].failed,
                 (unsigned)atomic_load(&trial->functions[i].asked), trial->reason);
}

static bool lies_on_disk(const struct host *host, const struct plugin *plugin)
{
    struct arena arena;
    bool is_same;

    arena_init(&arena, LIMIT_PLUGIN_TEXT + MIB(1));
    is_same = str_eq(host_text_on_disk(host, plugin->id, &arena), plugin->text);
    arena_fini(&arena);
    return is_same;
}

/* The one that failed first: whatever happens then, no text is lost. */
static bool put_back(struct host *host, const struct plugin *plugin, const struct trial *trial)
{
    struct buf report;
    char path[4400];
    bool is_back = false;

    buf_init(&report, REPORT_BYTES);
    path_of(host, plugin, ".quarantined", path);
    if (plugin->manifest)
        is_back = folder_put(host->data, plugin->id, trial->before, trial->library, "quarantined",
                             &report) == ST_OK &&
                  host_reload_locked(host, &report) == ST_OK;
    else if (!file_write(path, plugin->source, 0600))
        buf_printf(&report, "%s: cannot be written: %s", path, strerror(errno));
    else if (host_write_script(host, plugin->id, trial->before, &report) == ST_OK)
        is_back = host_reload_locked(host, &report) == ST_OK;
    if (!is_back)
        log_error(STR_NONE, "a script keeps failing, and what was before cannot be put back",
                  LOG_S("script", plugin->id), LOG_S("reason", str_trim(buf_view(&report))));
    buf_fini(&report);
    return is_back;
}

void host_forget_left(const struct host *host, struct str name)
{
    char path[4400];

    path_of(host, &(struct plugin){ .id = name }, ".quarantined", path);
    unlink(path);
}

static void path_of(const struct host *host, const struct plugin *plugin, const char *ending,
                    char path[4400])
{
    snprintf(path, 4400, "%s/%s/%.*s%s", host->data, plugin->manifest ? "plugins" : "scripts",
             STR_ARG(plugin->id), ending);
}

/* ---- Until it is recorded ----------------------------------------------------------------------- */

static void remember(struct host *host, const struct left_script *left)
{
    mutex_lock(&host->lock);
    if (host->left_count == SCRIPTS_LEFT) { /* the file beside it has the text */
        left_free(&host->left[0]);
        memmove(&host->left[0], &host->left[1], (SCRIPTS_LEFT - 1) * sizeof(host->left[0]));
        host->left_count--;
    }
    host->left[host->left_count++] = *left;
    mutex_unlock(&host->lock);
}

size_t host_left(struct host *host, struct arena *arena, struct script_left *left, size_t most)
{
    size_t count, bytes = 0;

    mutex_lock(&host->lock);
    count = host->left_count < most ? host->left_count : most;
    for (size_t i = 0; i < count; i++) {
        const struct left_script *from = &host->left[i];

        bytes += strlen(from->source) + (from->before ? strlen(from->before) : 0);
        if (i > 0 && bytes > 2 * LIMIT_PLUGIN_TEXT) { /* the rest comes next */
            count = i;
            break;
        }

        left[i] = (struct script_left){
            .name = str_copy(arena, str_from(from->name)),
            .source = str_copy(arena, str_from(from->source)),
            .before = from->before ? str_copy(arena, str_from(from->before)) : STR_NONE,
            .report = str_copy(arena, str_from(from->report)),
        };
    }
    mutex_unlock(&host->lock);
    return count;
}

void host_left_kept(struct host *host, size_t count)
{
    mutex_lock(&host->lock);
    for (size_t i = 0; i < count; i++)
        left_free(&host->left[i]);
    host->left_count -= count;
    memmove(&host->left[0], &host->left[count], host->left_count * sizeof(host->left[0]));
    mutex_unlock(&host->lock);
}

static void left_free(struct left_script *left)
{
    free(left->name);
    free(left->source);
    free(left->before);
    free(left->report);
}

static char *copy(struct str text)
{
    char *copied = xmalloc(text.len + 1);

    memcpy(copied, text.at ? text.at : "", text.len);
    copied[text.len] = '\0';
    return copied;
}
