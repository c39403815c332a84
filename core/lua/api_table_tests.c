/* Api table tests: the rows of level 1 that tests call. */
#include "lua/api_table.h"
#include "lua/bind.h"

const struct api_function api_tests[] = {
    { .name = "t.equal",
      .body = bind_test_equal,
      .kinds = API_TEST,
      .params = { { "got", API_ANY }, { "wanted", API_ANY } },
      .help = "Fails, and shows both, unless they are equal; tables by what is in them.",
      .example = "t.equal(1 + 1, 2)" },
    { .name = "t.fail",
      .body = bind_test_fail,
      .kinds = API_TEST,
      .params = { { "why", API_STRING } },
      .help = "Fails." },
    { .name = "t.id",
      .body = bind_test_id,
      .kinds = API_ANYWHERE,
      .params = { { "name", API_STRING } },
      .returns = "string",
      .help = "An id, the same for the same name.",
      .example = "t.equal(t.id(\"jane\"), t.id(\"jane\"))" },
    { .name = "t.actor",
      .body = bind_test_actor,
      .kinds = API_TEST,
      .params = { { "actor", API_TABLE, false, "foyer.TestActor" } },
      .returns = "foyer.TestActor",
      .help = "Checks that it is an actor, and gives it: kind, id, name, email, role, isOwner, "
              "mayOperate, "
              "permissions, limitedTo, companies = { [id] = role }, ownerId, road.",
      .example = "t.actor { kind = \"internalUser\", permissions = { \"view_clients\" } }" },
    { .name = "t.ask",
      .body = bind_test_ask,
      .kinds = API_TEST,
      .params = { { "action", API_STRING },
                  { "question", API_TABLE, false, "foyer.TestQuestion" } },
      .returns = "foyer.Decision",
      .help = "Asks the rules. The question has actor, target (the row as it is), input (what the "
              "request gives), workspace, entity (what target is of), now, and settings: { "
              "house_rules = { most_tags = 3 } }, as a workspace would set them.",
      .example =
          "t.equal(t.ask(\"client.list\", { actor = { kind = \"nobody\" } }).verdict, \"deny\")" },
    { .name = "t.allows",
      .body = bind_test_allows,
      .kinds = API_TEST,
      .params = { { "action", API_STRING },
                  { "question", API_TABLE, false, "foyer.TestQuestion" } },
      .help = "Fails unless the rules allow it." },
    { .name = "t.denies",
      .body = bind_test_denies,
      .kinds = API_TEST,
      .params = { { "action", API_STRING },
                  { "question", API_TABLE, false, "foyer.TestQuestion" } },
      .returns = "string",
      .help = "Fails unless the rules deny it; an error is no denial. Gives the code.",
      .example = "t.denies(\"client.list\", { actor = { kind = \"nobody\" } })" },
    { .name = "t.scope",
      .body = bind_test_scope,
      .kinds = API_TEST,
      .params = { { "entity", API_STRING },
                  { "question", API_TABLE, false, "foyer.TestQuestion" } },
      .returns = "string",
      .help = "What the actor sees: \"everything\", \"nothing\", \"own, companies(ID)\".",
      .example = "t.equal(t.scope(\"client\", { actor = { kind = \"nobody\" } }), \"nothing\")" },
    { .name = "t.filter",
      .body = bind_test_filter,
      .kinds = API_TEST,
      .params = { { "action", API_STRING },
                  { "question", API_TABLE, false, "foyer.TestQuestion" } },
      .returns =
          "{ changed: table?, code: string?, message: string?, field: string?, mails: table[], "
          "events: table[] }",
      .help =
          "Runs the filters over input. Gives changed, the fields that are written; code, message "
          "and field of a reject; mails and events, those that they queued and told." },
    { .name = "t.handle",
      .body = bind_test_handle,
      .kinds = API_TEST,
      .params = { { "handler", API_STRING },
                  { "given", API_TABLE, true,
                    "{ event: table?, answers: table<string, any>?, settings: table?, attempt: "
                    "integer? }" } },
      .returns = "{ calls: table[], error: string? }",
      .help =
          "Runs an event handler or job by its name. What it asks for is answered by answers: "
          "[\"GET /v1/clients/ID\"] = { status = 200, body = … }, of foyer.run [\"NAME\"] = its "
          "result, of foyer.http.fetch [\"POST https://…\"] = { status = 200, headers = { "
          "[\"retry-after\"] = \"5\" }, body = \"text\" } or { error = \"why\" }. settings are "
          "written as those of t.ask. Gives calls, what it asked for in its order: method, path, "
          "query, body, or run, args, or event, key, data, or method, fetch (the URL), headers, "
          "body; and error where it failed." },
    { .name = "t.request",
      .body = bind_test_request,
      .kinds = API_TEST,
      .params = { { "request", API_TABLE, false,
                    "{ method: string?, path: string, headers: table<string, string>?, body: any, "
                    "text: string?, actor: foyer.TestActor?, answers: table<string, any>? }" } },
      .returns = "{ status: integer, headers: table?, body: any, text: string?, type: string?, "
                 "calls: table[], errors: string[]?, error: string? }",
      .help =
          "Asks a route: path is the whole address, with a query where there is one; body goes as "
          "JSON, text as it is. Rules are not asked (t.allows does that); what the route asks for "
          "is answered as in t.handle. Gives status, headers, body (of JSON) or text, and calls; "
          "errors, the names of what a schema refused (400); and error where the route failed." },
    { .name = "t.command",
      .body = bind_test_command,
      .kinds = API_TEST,
      .params = { { "command", API_STRING },
                  { "arguments", API_TABLE, true, "table<string, string|string[]>" },
                  { "given", API_TABLE, true, "{ answers: table<string, any>? }" } },
      .returns = "{ output: any, calls: table[], errors: string[]?, error: string? }",
      .help =
          "Runs a command with texts as a command line has them, answered as in t.handle. Gives "
          "output, what it gave; errors, the names of arguments that a schema refused; and error "
          "where it failed." },
    { .name = "t.render",
      .body = bind_test_render,
      .kinds = API_TEST,
      .params = { { "name", API_STRING }, { "data", API_TABLE }, { "locale", API_STRING, true } },
      .returns = "foyer.Rendered",
      .help = "Renders. Fails where the render fails, or nobody renders it." },
    { .name = "t.workspace",
      .body = bind_test_workspace,
      .kinds = API_TEST,
      .params = { { "options", API_TABLE, true, "foyer.TestWorkspaceOptions" } },
      .returns = "foyer.TestWorkspace",
      .help = "A workspace on a server of the test's own: handlers, rules, filters, jobs and the "
              "database are the real "
              "ones, in a temporary folder. Time stands still until w:advance moves it, ids and "
              "chance are the same "
              "each time, no mail and no request leaves. options: settings (of the script or "
              "plugin that is tested), "
              "plugins (settings of others, by id), zone, locale, workspace (what PATCH "
              "/v1/workspaces takes), name, "
              "and now (\"2026-01-05T09:00:00Z\", a Monday, where nothing is said). Called again, "
              "it makes another one on "
              "the same server. In `foyer plugin test` and `foyer script test` alone: elsewhere "
              "such tests are left." },
    { .name = "t.refused",
      .body = bind_test_refused,
      .kinds = API_TEST,
      .params = { { "reply", API_TABLE, false, "foyer.TestReply" },
                  { "status", API_INTEGER },
                  { "code", API_STRING, true },
                  { "field", API_STRING, true } },
      .returns = "table?",
      .help = "Fails, and shows both, unless the reply has that status and code, and names that "
              "field among its errors. "
              "Gives the body.",
      .example = "t.refused({ status = 422, body = { code = \"too_many\" } }, 422, \"too_many\")" },
    { .name = NULL },
};
