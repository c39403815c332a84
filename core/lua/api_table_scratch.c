/* Api table scratch: the rows of level 1 that tests call on a workspace of their own, and who asks there. */
#include "lua/api_table.h"
#include "lua/bind.h"

#define W .kinds = API_TEST, .is_method = true, .of = TEST_WORKSPACE
#define P .kinds = API_TEST, .is_method = true, .of = TEST_PERSON
#define OPTIONS                                                                                    \
    {                                                                                              \
        "options", API_TABLE, true, "{ query: table?, headers: table? }"                           \
    }
#define PLUGIN                                                                                     \
    {                                                                                              \
        "plugin", API_STRING, true                                                                 \
    }
#define ASKS "path is that of the API, of a page, or a link of a mail. "

const struct api_function api_scratch[] = {
    { .name = "w:client",
      .body = bind_world_client,
      W,
      .params = { { "fields", API_TABLE } },
      .returns = "foyer.TestPerson",
      .help =
          "A client, as the owner makes one by POST /v1/clients; raises where that is refused." },
    { .name = "w:company",
      .body = bind_world_company,
      W,
      .params = { { "fields", API_TABLE } },
      .returns = "table",
      .help = "A company, as the owner makes one by POST /v1/companies; raises where that is "
              "refused." },
    { .name = "w:staff",
      .body = bind_world_staff,
      W,
      .params = { { "person", API_TABLE } },
      .returns = "foyer.TestPerson",
      .help = "A member of staff, without an invitation: { role = \"Staff\", email = \"…\", "
              "givenName, familyName }." },
    { .name = "w:key",
      .body = bind_world_key,
      W,
      .params = { { "fields", API_TABLE } },
      .returns = "foyer.TestPerson",
      .help = "An API key, as the owner makes one by POST /v1/api-keys: who asks with it." },
    { .name = "w:sign_in",
      .body = bind_world_sign_in,
      W,
      .params = { { "person", API_ANY, false, "foyer.TestPerson" } },
      .returns = "foyer.TestPerson",
      .help = "A client or member of staff signs in, as after an invitation: is active, which "
              "clients must be to get mails of scripts. Gives that person." },
    { .name = "w:stub",
      .body = bind_world_stub,
      W,
      .params = { { "method", API_STRING },
                  { "url", API_STRING },
                  { "answer", API_ANY, false, "foyer.TestAnswer|foyer.TestAnswer[]|function" } },
      .help = "Answers what is fetched (foyer.http.fetch) at that URL, in which * is any text; the "
              "method may be \"*\". "
              "The answer: { status = 200, body = a table (sent as JSON) or text, headers }, or { "
              "error = \"timeout\", "
              "\"refused\" or what you like } for none; an array of answers is given in turn, the "
              "last of it from then "
              "on; a function gets the request and which one it is. The newest stub that fits "
              "answers. What no stub "
              "answers fails the test." },
    { .name = "w:run",
      .body = bind_world_run,
      W,
      .help = "Runs all that is due: events go to their handlers, what those cause runs, too, "
              "mails are worded. Time "
              "does not move: what failed is tried again when w:advance comes there." },
    { .name = "w:advance",
      .body = bind_world_advance,
      W,
      .params = { { "by", API_STRING } },
      .help = "Moves the clock by \"30s\", \"15m\", \"2h\" or \"3d\", or to a time. Jobs and new "
              "tries that become due "
              "on the way run at their time, in their order." },
    { .name = "w:set",
      .body = bind_world_set,
      W,
      .params = { { "settings", API_TABLE }, PLUGIN },
      .help = "Changes settings, of what is tested where no plugin is named." },
    { .name = "w:enable",
      .body = bind_world_enable,
      W,
      .params = { PLUGIN },
      .help = "Switches what is tested, or that plugin, on." },
    { .name = "w:disable",
      .body = bind_world_disable,
      W,
      .params = { PLUGIN },
      .help = "Switches what is tested, or that plugin, off." },
    { .name = "w:kv",
      .body = bind_world_kv,
      W,
      .params = { PLUGIN },
      .returns = "table<string, any>",
      .help = "What it keeps here by foyer.kv: values by key." },
    { .name = "w:transaction",
      .body = bind_world_transaction,
      W,
      .params = { { "name", API_STRING }, { "args", API_ANY, true }, PLUGIN },
      .returns = "any, string?",
      .help = "Runs a foyer.transaction, as foyer.run does. Gives its result; where it fails, nil "
              "and why, and nothing is "
              "changed." },
    { .name = "w:restart",
      .body = bind_world_restart,
      W,
      .help = "Ends the server and starts it again: what is not in the database is forgotten." },
    { .name = "person:get",
      .body = bind_person_get,
      P,
      .params = { { "path", API_STRING }, OPTIONS },
      .returns = "foyer.TestReply",
      .help = "GET, as that person. " ASKS },
    { .name = "person:post",
      .body = bind_person_post,
      P,
      .params = { { "path", API_STRING }, { "body", API_ANY, true }, OPTIONS },
      .returns = "foyer.TestReply",
      .help = "POST, as that person. " ASKS "body: a table is sent as JSON, a text as it is." },
    { .name = "person:put",
      .body = bind_person_put,
      P,
      .params = { { "path", API_STRING }, { "body", API_ANY, true }, OPTIONS },
      .returns = "foyer.TestReply",
      .help = "PUT, as that person." },
    { .name = "person:patch",
      .body = bind_person_patch,
      P,
      .params = { { "path", API_STRING }, { "body", API_ANY, true }, OPTIONS },
      .returns = "foyer.TestReply",
      .help = "PATCH, as that person." },
    { .name = "person:delete",
      .body = bind_person_delete,
      P,
      .params = { { "path", API_STRING }, OPTIONS },
      .returns = "foyer.TestReply",
      .help = "DELETE, as that person." },
    { .name = NULL },
};

const struct api_member api_scratch_members[] = {
    { "TestWorkspace", "owner", "foyer.TestPerson", "Who owns it." },
    { "TestWorkspace", "nobody", "foyer.TestPerson", "Whoever is not signed in." },
    { "TestWorkspace", "id", "string", "Its id." },
    { "TestWorkspace", "plugin", "string", "The id of what is tested." },
    { "TestWorkspace", "now", "string", "What its clock says." },
    { "TestWorkspace", "mails", "table[]",
      "Those that went out, oldest first: to, subject, text, html, links (that stand in the text), "
      "kind, locale, from, "
      "at." },
    { "TestWorkspace", "events", "table[]",
      "What happened, oldest first: name, entity, entityId, data, before, actorType, actorId, "
      "number, createdAt." },
    { "TestWorkspace", "deliveries", "table[]",
      "Events and jobs for handlers, oldest first: plugin, handler, event, entityId, status "
      "(queued, failed: is tried "
      "again at dueAt; done, dead), attempts (that failed), error and where (of the newest)." },
    { "TestWorkspace", "fetches", "table[]",
      "What was fetched, oldest first: method, url, headers, body, json (what the body says), "
      "plugin, handler, and "
      "status or error." },
    { "TestWorkspace", "log", "table[]",
      "What scripts logged on this server, oldest first: level, plugin, text." },
    { "TestPerson", "id", "string",
      "Of a client, member of staff or key; with the other fields as they were at first." },
    { "TestPerson", "email", "string?", "The address." },
    { "TestReply", "status", "integer", "Of HTTP." },
    { "TestReply", "body", "any", "What the JSON says; nil where it is none." },
    { "TestReply", "text", "string?", "The body as it came." },
    { "TestReply", "headers", "table<string, string>", "By name, in lower case." },
    { "TestAnswer", "status", "integer?", "200 where nothing is said." },
    { "TestAnswer", "body", "any", "A table is sent as JSON, a text as it is." },
    { "TestAnswer", "headers", "table<string, string>?", "By name." },
    { "TestAnswer", "error", "string?",
      "There is no answer: \"timeout\", \"refused\", or other words." },
    { "TestWorkspaceOptions", "settings", "table?", "Of the script or plugin that is tested." },
    { "TestWorkspaceOptions", "plugins", "table<string, table>?", "Settings of others, by id." },
    { "TestWorkspaceOptions", "zone", "string?", "\"Europe/Berlin\"." },
    { "TestWorkspaceOptions", "locale", "string?", "\"de\"." },
    { "TestWorkspaceOptions", "workspace", "table?", "What PATCH /v1/workspaces takes." },
    { "TestWorkspaceOptions", "name", "string?", "Of the workspace." },
    { "TestWorkspaceOptions", "now", "string?", "When it begins." },
    { NULL, NULL, NULL, NULL },
};
