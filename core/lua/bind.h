/* Bind: the bodies of the functions in api_table.c, a file for each group. Arguments were checked. */
#ifndef FOYER_LUA_BIND_H
#define FOYER_LUA_BIND_H

#include "plugin/runtime.h"

#include <lua.h>

/* bind_register.c */
int bind_plugin(lua_State *L);
int bind_rule(lua_State *L);
int bind_scope(lua_State *L);
int bind_filter(lua_State *L);
int bind_render(lua_State *L);
int bind_on(lua_State *L);
int bind_transaction(lua_State *L);
int bind_job(lua_State *L);
int bind_settings(lua_State *L);
/* Raises unless the plugin may register that. */
void bind_check_provided(lua_State *L, enum hook_kind kind, struct str subject);
/* Keeps the function at index as what is registered, and says where. Gives 0. */
int bind_keep(lua_State *L, struct registration *registration, int function);

/* bind_route.c */
int bind_route(lua_State *L);
int bind_page(lua_State *L);
int bind_command(lua_State *L);
int bind_asset(lua_State *L);

/* bind_reply.c */
int bind_reply(lua_State *L);
int bind_redirect(lua_State *L);
void reply_open(lua_State *L);
/* What a route returned, the first of `count` results at index `first`, into *result. Raises. */
void reply_read(lua_State *L, int first, int count, struct task_result *result);

/* bind_answer.c */
int bind_allow(lua_State *L);
int bind_deny(lua_State *L);
int bind_reject(lua_State *L);

/* bind_scope.c */
int bind_everything(lua_State *L);
int bind_nothing(lua_State *L);
int bind_own(lua_State *L);
int bind_companies(lua_State *L);
int bind_account_manager(lua_State *L);
int bind_tags(lua_State *L);
int bind_ids(lua_State *L);
int bind_union(lua_State *L);

/* bind_actor.c */
int bind_can(lua_State *L);
int bind_has_company_role(lua_State *L);
int bind_is(lua_State *L);

/* bind_tools.c */
int bind_text_trim(lua_State *L);
int bind_text_starts(lua_State *L);
int bind_text_ends(lua_State *L);
int bind_text_split(lua_State *L);
int bind_text_fold(lua_State *L);
int bind_text_html(lua_State *L);
int bind_text_url(lua_State *L);
int bind_time_now(lua_State *L);
int bind_time_seconds(lua_State *L);
int bind_time_format(lua_State *L);
int bind_log_info(lua_State *L);
int bind_log_warn(lua_State *L);
int bind_log_error(lua_State *L);

/* bind_kv.c */
int bind_kv_get(lua_State *L);
int bind_kv_set(lua_State *L);
int bind_kv_delete(lua_State *L);
int bind_kv_list(lua_State *L);

/* bind_cache.c */
int bind_cache_get(lua_State *L);
int bind_cache_set(lua_State *L);
int bind_cache_delete(lua_State *L);
int bind_cache_add(lua_State *L);

/* bind_metrics.c */
int bind_metrics_counter(lua_State *L);
int bind_metrics_gauge(lua_State *L);
int bind_metrics_histogram(lua_State *L);
int bind_metrics_add(lua_State *L);
int bind_metrics_set(lua_State *L);
int bind_metrics_observe(lua_State *L);

/* bind_mail.c */
int bind_mail_queue(lua_State *L);

/* bind_secret.c */
int bind_secret(lua_State *L);
int bind_secret_prefixed(lua_State *L);
int bind_secret_basic(lua_State *L);

/* bind_crypto.c */
int bind_crypto_sha256(lua_State *L);
int bind_crypto_hmac(lua_State *L);
int bind_crypto_hex(lua_State *L);
int bind_crypto_unhex(lua_State *L);
int bind_crypto_base64(lua_State *L);
int bind_crypto_unbase64(lua_State *L);
int bind_crypto_equal(lua_State *L);
int bind_crypto_random(lua_State *L);

/* bind_schema.c */
int bind_schema_validate(lua_State *L);

/* bind_i18n.c */
int bind_i18n_choose(lua_State *L);
int bind_i18n_fill(lua_State *L);

/* json.c */
int bind_json_encode(lua_State *L);
int bind_json_decode(lua_State *L);
int bind_json_array(lua_State *L);

/* template.c */
int bind_template_compile(lua_State *L);
int bind_template_load(lua_State *L);
int bind_template_escape(lua_State *L);

/* bind_test.c */
int bind_test_equal(lua_State *L);
int bind_test_fail(lua_State *L);
int bind_test_id(lua_State *L);
int bind_test_actor(lua_State *L);
int bind_test_ask(lua_State *L);
int bind_test_allows(lua_State *L);
int bind_test_denies(lua_State *L);
int bind_test_scope(lua_State *L);
int bind_test_filter(lua_State *L);
int bind_test_render(lua_State *L);

/* world.c */
int bind_test_workspace(lua_State *L);
int bind_world_client(lua_State *L);
int bind_world_company(lua_State *L);
int bind_world_staff(lua_State *L);
int bind_world_key(lua_State *L);
int bind_world_sign_in(lua_State *L);
int bind_world_set(lua_State *L);
int bind_world_enable(lua_State *L);
int bind_world_disable(lua_State *L);
int bind_world_kv(lua_State *L);
int bind_world_transaction(lua_State *L);
int bind_world_restart(lua_State *L);

/* world_run.c */
int bind_world_run(lua_State *L);
int bind_world_advance(lua_State *L);
int bind_world_stub(lua_State *L);

/* world_person.c */
int bind_person_get(lua_State *L);
int bind_person_post(lua_State *L);
int bind_person_put(lua_State *L);
int bind_person_patch(lua_State *L);
int bind_person_delete(lua_State *L);
int bind_test_refused(lua_State *L);

/* test_handle.c */
int bind_test_handle(lua_State *L);

/* test_command.c */
int bind_test_command(lua_State *L);

/* test_request.c */
int bind_test_request(lua_State *L);

/* bind_inside.c */
int bind_api(lua_State *L);
int bind_run(lua_State *L);
/* In a handler: leaves, and goes on when whoever runs it has the answer. */
struct task_call;
int bind_wait(lua_State *L, const struct task_call *asks);

/* bind_events.c */
int bind_events_emit(lua_State *L);

/* bind_http.c */
int bind_http_fetch(lua_State *L);
struct task_answer;
int http_push_answer(lua_State *L, const struct task_answer *answer);

#endif
