/* Api table: the rows of level 1. */
#include "lua/api_table.h"

#include "base/arena.h"
#include "lua/bind.h"

#define RULES     (API_RULE)
#define SCOPES    (API_SCOPE)
#define FILTERS   (API_FILTER)
#define QUESTIONS (API_RULE | API_SCOPE | API_FILTER)
#define LATER     (API_TRANSACTION | API_TASKS)

const struct api_function api_functions[] = {
    /* ---- Registering ---- */
    { .name = "plugin",
      .body = bind_plugin,
      .kinds = API_LOAD,
      .params = { { "header", API_TABLE, false, "foyer.Plugin" } },
      .help = "What a script says of itself, before all else; a plugin of a folder says it in its "
              "plugin.json. It is held to it: what capabilities does not list fails the call, and "
              "where there is provides, registering anything else fails the load.",
      .example =
          "foyer.plugin {\n"
          "  name = \"House rules\", version = \"1.0.0\", api = 1,\n"
          "  provides = { rule = { \"client.delete\" } }, capabilities = {}, always = true,\n"
          "}" },
    { .name = "rule",
      .body = bind_rule,
      .kinds = API_LOAD,
      .params = { { "action", API_STRING },
                  { "options", API_TABLE, true, "foyer.Options" },
                  { "fn", API_FUNCTION, false, "fun(ctx: foyer.Context): foyer.Answer?" } },
      .help =
          "Answers \"may this actor do this?\" for an action. Rules are pure: they read their "
          "context, and give foyer.allow(), foyer.deny() or nothing. Deny overrides, then allow, "
          "else it is denied; an error denies, too.",
      .example = "foyer.rule(\"client.create\", function(ctx)\n"
                 "  if ctx.actor:can(\"create_clients\") then return foyer.allow(\"role\") end\n"
                 "end)" },
    { .name = "scope",
      .body = bind_scope,
      .kinds = API_LOAD,
      .params = { { "entity", API_STRING },
                  { "fn", API_FUNCTION, false, "fun(actor: foyer.Actor): foyer.Scope?" } },
      .help = "Answers \"which rows exist for this actor?\" for lists, counts, searches and single "
              "reads. What several scopes of one entity give is united.",
      .example = "foyer.scope(\"client\", function(actor)\n"
                 "  if actor:can(\"view_clients\") then return foyer.everything() end\n"
                 "end)" },
    { .name = "filter",
      .body = bind_filter,
      .kinds = API_LOAD,
      .params = { { "action", API_STRING },
                  { "options", API_TABLE, true, "foyer.Options" },
                  { "fn", API_FUNCTION, false, "fun(ctx: foyer.Context, change: table): any" } },
      .help = "Runs before a change, in its transaction. Gives nothing, a table of fields that it "
              "changes, or foyer.reject().",
      .example =
          "foyer.filter(\"client.create\", { stage = \"normalize\" }, function(ctx, client)\n"
          "  if client.familyName then\n"
          "    return { familyName = foyer.text.trim(client.familyName) }\n"
          "  end\n"
          "end)" },
    { .name = "render",
      .body = bind_render,
      .kinds = API_LOAD,
      .params = { { "name", API_STRING },
                  { "fn", API_FUNCTION, false,
                    "fun(ctx: foyer.RenderContext, data: table): foyer.Rendered|string|nil" } },
      .help =
          "Makes the text of a mail or page. Gives a table of subject, text and html, or one text. "
          "Where it fails, the built-in text is used.",
      .example = "foyer.render(\"mail.invite\", function(ctx, data)\n"
                 "  return { subject = \"Welcome\", text = \"Open \" .. data.link }\n"
                 "end)" },
    { .name = "on",
      .body = bind_on,
      .kinds = API_LOAD,
      .params = { { "event", API_STRING, false, "foyer.EventName|string" },
                  { "options", API_TABLE, true, "foyer.HandlerOptions" },
                  { "fn", API_FUNCTION, false,
                    "fun(event: foyer.Event, ctx: foyer.HandlerContext)" } },
      .help =
          "Runs after the commit of what it tells, at least once, with 2 s of CPU and 30 s in "
          "all. An error is a try that failed: it is tried again after 1 m, 5 m, 30 m, 2 h, 6 h, "
          "12 h and 12 h, then it is a dead letter. Of one client (company …) events come one "
          "after the other.",
      .example = "foyer.on(\"client.created\", function(event, ctx)\n"
                 "  if not event.data.companyId then\n"
                 "    foyer.log.info(\"a client without a company: \" .. event.entityId)\n"
                 "  end\n"
                 "end)" },
    { .name = "job",
      .body = bind_job,
      .kinds = API_LOAD,
      .params = { { "name", API_STRING },
                  { "options", API_TABLE, false, "foyer.JobOptions" },
                  { "fn", API_FUNCTION, false, "fun(ctx: foyer.HandlerContext)" } },
      .help =
          "Runs again and again, in each workspace, by its time zone, with the limits of an event "
          "handler. One that fails is tried again; while it is not over, the next is left out. "
          "What was "
          "missed while no server ran is made up for once.",
      .example = "foyer.job(\"greet\", { cron = \"0 8 * * 1\", jitter = \"10m\" }, function(ctx)\n"
                 "  local page = foyer.api(\"GET\", \"/v1/clients\", { query = { limit = 10 } })\n"
                 "  foyer.log.info(#page.body.data .. \" clients on the first page\")\n"
                 "end)" },
    { .name = "route",
      .body = bind_route,
      .kinds = API_LOAD,
      .params = { { "method", API_STRING, false, "\"GET\"|\"POST\"|\"PUT\"|\"PATCH\"|\"DELETE\"" },
                  { "path", API_STRING },
                  { "options", API_TABLE, false, "foyer.RouteOptions" },
                  { "fn", API_FUNCTION, false,
                    "fun(ctx: foyer.RouteContext, request: foyer.Request): any" } },
      .help =
          "Answers requests at /p/PLUGIN and the path. Its options say who may ask: may, an action "
          "that rules answer (one of the script's own begins with its name), or open, the reason "
          "why nobody is asked. In one with may foyer.api has the rights of whoever asks, in an "
          "open one those of the script. It gives foyer.reply(), foyer.redirect(), a table (200, "
          "JSON), a text (200), or nothing (204). It has 2 s of CPU and 30 s in all.",
      .example =
          "foyer.route(\"GET\", \"/clients/{id}/name\", { may = \"client.list\" }, function(ctx, "
          "request)\n"
          "  local answer = foyer.api(\"GET\", \"/v1/clients/\" .. request.params.id)\n"
          "  if answer.status ~= 200 then return foyer.reply(answer.status, answer.body) end\n"
          "  return { name = answer.body.givenName }\n"
          "end)" },
    { .name = "page",
      .body = bind_page,
      .kinds = API_LOAD,
      .params = { { "place", API_STRING, false, "\"dashboard\"|\"portal\"" },
                  { "path", API_STRING },
                  { "options", API_TABLE, false, "foyer.PageOptions" },
                  { "fn", API_FUNCTION, false,
                    "fun(ctx: foyer.RouteContext, request: foyer.Request): any" } },
      .help =
          "A page at /p/PLUGIN and the path, inside of the layout of Foyer's own pages, with a "
          "line "
          "in the navigation of those who may open it: staff for the dashboard, clients for the "
          "portal, unless may says otherwise. It gives HTML, by a template; its form comes to it "
          "as POST, and what does not fit stands in request.errors. After a change it gives "
          "foyer.redirect(). Limits and rights are those of a route.",
      .example = "foyer.page(\"dashboard\", \"/reports\", { title = \"Reports\" }, function(ctx, "
                 "request)\n"
                 "  local page = foyer.api(\"GET\", \"/v1/clients\", { query = { limit = 10 } })\n"
                 "  return \"<h1>Reports</h1><p>\" .. #page.body.data .. \" clients</p>\"\n"
                 "end)" },
    { .name = "command",
      .body = bind_command,
      .kinds = API_LOAD,
      .params = { { "name", API_STRING },
                  { "options", API_TABLE, true, "foyer.CommandOptions" },
                  { "fn", API_FUNCTION, false,
                    "fun(ctx: foyer.RouteContext, arguments: table): string|table|nil" } },
      .help =
          "Runs by `foyer plugin run PLUGIN NAME --argument value`, in one workspace, for whoever "
          "owns the data folder: no rule is asked, and foyer.api has the rights of the script. It "
          "gives a text, or a table, which is printed as lines and columns or as JSON. Its limits "
          "are those of a route.",
      .example = "foyer.command(\"count\", { describe = \"counts clients by their status\",\n"
                 "  arguments = { properties = { status = { type = \"string\" } } } }, "
                 "function(ctx, arguments)\n"
                 "  local page = foyer.api(\"GET\", \"/v1/clients\", { query = { count = true, "
                 "limit = 1 } })\n"
                 "  return page.body.count .. \" clients\"\n"
                 "end)" },
    { .name = "transaction",
      .body = bind_transaction,
      .kinds = API_LOAD,
      .params = { { "name", API_STRING },
                  { "fn", API_FUNCTION, false, "fun(ctx: foyer.Context, args: any): any" } },
      .help =
          "A function that handlers call by foyer.run: what it does by foyer.api and foyer.kv is "
          "one transaction, with the limits of a filter. An error undoes it.",
      .example = "foyer.transaction(\"greet\", function(ctx, args)\n"
                 "  local answer = foyer.api(\"PATCH\", \"/v1/clients/\" .. args.clientId,\n"
                 "    { body = { tags = { \"new\" } } })\n"
                 "  if answer.status ~= 200 then error(answer.body.message) end\n"
                 "end)" },
    { .name = "settings",
      .body = bind_settings,
      .kinds = API_LOAD,
      .params = { { "declarations", API_TABLE, false, "table<string, foyer.Setting>" } },
      .help =
          "Declares what ctx.settings has, with defaults. Types: number, integer, text, boolean, "
          "choice; and secret, which has no default and is for foyer.secret alone.",
      .example = "foyer.settings {\n"
                 "  max_group = { type = \"integer\", default = 50, min = 2, max = 500,\n"
                 "                help = \"Most members of a group.\" },\n"
                 "}" },

    /* ---- Answers ---- */
    { .name = "allow",
      .body = bind_allow,
      .kinds = RULES,
      .params = { { "reason", API_STRING, true } },
      .returns = "foyer.Answer",
      .help = "This may be done. The reason stands in the record of decisions.",
      .example = "foyer.allow(\"role\")" },
    { .name = "deny",
      .body = bind_deny,
      .kinds = RULES,
      .params = { { "code", API_STRING }, { "message", API_STRING, true } },
      .returns = "foyer.Answer",
      .help = "This may not be done, whatever other rules say. The code is for programs "
              "(snake_case), the message for the person.",
      .example = "foyer.deny(\"office_closed\", \"Clients are made from 8 to 18 o'clock.\")" },
    { .name = "reject",
      .body = bind_reject,
      .kinds = FILTERS,
      .params = { { "code", API_STRING },
                  { "message", API_STRING },
                  { "options", API_TABLE, true, "{ field: string? }" } },
      .returns = "foyer.Answer",
      .help = "The change does not happen, and the answer is 422 with the code and message, at the "
              "field where one is named.",
      .example = "foyer.reject(\"no_freemail\", \"Use the address of your company.\", { field = "
                 "\"email\" })" },

    { .name = "reply",
      .body = bind_reply,
      .kinds = API_REQUESTS,
      .params = { { "status", API_INTEGER },
                  { "body", API_ANY, true, "any" },
                  { "headers", API_TABLE, true, "table<string, string>" } },
      .returns = "foyer.Reply",
      .help =
          "What a route answers. A table goes out as JSON, a text as text/plain unless the header "
          "content-type says otherwise: HTML gets the strict policy of Foyer's pages. Cookies, and "
          "headers that say how a message travels, are not a script's to set.",
      .example = "foyer.reply(201, { id = \"7\" }, { location = \"/p/crm/things/7\" })" },
    { .name = "redirect",
      .body = bind_redirect,
      .kinds = API_REQUESTS,
      .params = { { "path", API_STRING },
                  { "status", API_INTEGER, true },
                  { "notice", API_STRING, true } },
      .returns = "foyer.Reply",
      .help = "Sends the browser to another address of this server; 303, unless the status says "
              "301, 302, 307 or 308. The notice is what the next page says once: of pages alone.",
      .example = "foyer.redirect(\"/p/crm/things\")" },

    { .name = "asset",
      .body = bind_asset,
      .kinds = API_ANYWHERE,
      .params = { { "name", API_STRING } },
      .returns = "string",
      .help = "The address of a file in the folder assets of the plugin, for pages: browsers keep "
              "what it names for ever, for it changes with the file.",
      .example = "foyer.asset(\"crm.css\")" },

    /* ---- Which rows exist ---- */
    { .name = "everything",
      .body = bind_everything,
      .kinds = SCOPES,
      .returns = "foyer.Scope",
      .help = "All rows of the workspace.",
      .example = "foyer.everything()" },
    { .name = "nothing",
      .body = bind_nothing,
      .kinds = SCOPES,
      .returns = "foyer.Scope",
      .help = "No row; the same as giving nothing.",
      .example = "foyer.nothing()" },
    { .name = "own",
      .body = bind_own,
      .kinds = SCOPES,
      .returns = "foyer.Scope",
      .help = "The row of the actor himself.",
      .example = "foyer.own()" },
    { .name = "companies",
      .body = bind_companies,
      .kinds = SCOPES,
      .params = { { "ids", API_TABLE, false, "string[]" } },
      .returns = "foyer.Scope",
      .help = "The rows that belong to one of these companies.",
      .example = "foyer.companies({ \"018f2d5e-0000-7000-8000-000000000001\" })" },
    { .name = "account_manager",
      .body = bind_account_manager,
      .kinds = SCOPES,
      .params = { { "id", API_STRING } },
      .returns = "foyer.Scope",
      .help = "The rows whose account manager is this member of staff.",
      .example = "foyer.account_manager(\"018f2d5e-0000-7000-8000-000000000001\")" },
    { .name = "tags",
      .body = bind_tags,
      .kinds = SCOPES,
      .params = { { "tags", API_TABLE, false, "string[]" } },
      .returns = "foyer.Scope",
      .help = "The rows that have one of these tags.",
      .example = "foyer.tags({ \"vip\" })" },
    { .name = "ids",
      .body = bind_ids,
      .kinds = SCOPES,
      .params = { { "ids", API_TABLE, false, "string[]" } },
      .returns = "foyer.Scope",
      .help = "Exactly these rows.",
      .example = "foyer.ids({ \"018f2d5e-0000-7000-8000-000000000001\" })" },
    { .name = "union",
      .body = bind_union,
      .kinds = SCOPES,
      .params = { { "scopes", API_TABLE, false, "foyer.Scope[]" } },
      .returns = "foyer.Scope",
      .help = "The rows of any of these.",
      .example = "foyer.union({ foyer.own(), foyer.tags({ \"public\" }) })" },

    /* ---- The API from inside ---- */
    { .name = "api",
      .body = bind_api,
      .kinds = FILTERS | LATER,
      .capability = "api",
      .params = { { "method", API_STRING, false, "\"GET\"|\"POST\"|\"PUT\"|\"PATCH\"|\"DELETE\"" },
                  { "path", API_STRING },
                  { "options", API_TABLE, true, "{ query: table?, body: any }" } },
      .returns = "{ status: integer, body: any }",
      .help =
          "The HTTP API from inside: the same handlers, with the rights of the actor. In a filter "
          "or transaction it works in that transaction: what fails there is undone, and the "
          "answer says why. In a handler or job the plugin is the actor, each change is a "
          "transaction of its own, and is not made again when the handler is tried again.",
      .example = "foyer.api(\"GET\", \"/v1/workspaces\").status == 200" },

    { .name = "run",
      .body = bind_run,
      .kinds = API_TASKS,
      .params = { { "name", API_STRING }, { "args", API_ANY, true, "any" } },
      .returns = "any",
      .help =
          "Runs a foyer.transaction of the same script, waits for its commit, and gives what it "
          "gave. It is done once, also when the handler is tried again.",
      .example = "foyer.run(\"greet\", { clientId = event.entityId })" },

    { .name = "secret",
      .body = bind_secret,
      .kinds = FILTERS | LATER,
      .params = { { "name", API_STRING } },
      .returns = "foyer.Secret?",
      .help =
          "A setting that was declared with type = \"secret\"; nil: it is not set. What it gives "
          "is no text and cannot be made one: it is printed as `secret NAME`, and whatever would "
          "write it down (logs, JSON, entries, events, mails, templates, answers) refuses it. It "
          "is taken by http.fetch, as its URL or anywhere in headers, body and json, and by "
          "crypto.hmac and crypto.equal. In tests it is what `settings` say (false: not set), else "
          "\"secret NAME\".",
      .example = "tostring(foyer.secret(\"token\")) == \"secret token\"" },
    { .name = NULL },
};

const struct api_function api_methods[] = {
    { .name = "actor:can",
      .is_method = true,
      .body = bind_can,
      .kinds = QUESTIONS | LATER,
      .params = { { "permission", API_STRING, false, "foyer.Permission" } },
      .returns = "boolean",
      .help = "Whether the role (or the key) has the permission.",
      .example = "actor:can(\"view_clients\")" },
    { .name = "actor:has_company_role",
      .is_method = true,
      .body = bind_has_company_role,
      .kinds = QUESTIONS | LATER,
      .params = { { "companyId", API_ANY, false, "string?" }, { "role", API_STRING } },
      .returns = "boolean",
      .help =
          "Whether the client has this role in this company: admin, member, billing, viewer or one "
          "of the firm's own.",
      .example = "actor:has_company_role(nil, \"admin\") == false" },
    { .name = "actor:is",
      .is_method = true,
      .body = bind_is,
      .kinds = QUESTIONS | LATER,
      .params = { { "kind", API_STRING, false, "foyer.ActorKind" } },
      .returns = "boolean",
      .help = "Whether the actor is of this kind.",
      .example = "actor:is(\"client\") == false" },
    { .name = "secret:prefixed",
      .is_method = true,
      .body = bind_secret_prefixed,
      .kinds = FILTERS | LATER,
      .params = { { "words", API_STRING } },
      .returns = "foyer.Secret",
      .help = "The same secret with words before it: \"Bearer \".",
      .example = "foyer.secret(\"token\"):prefixed(\"Bearer \")" },
    { .name = "secret:basic",
      .is_method = true,
      .body = bind_secret_basic,
      .kinds = FILTERS | LATER,
      .params = { { "user", API_STRING } },
      .returns = "foyer.Secret",
      .help =
          "What the header Authorization has where this user has it for his password (RFC 7617).",
      .example = "foyer.secret(\"token\"):basic(\"foyer\")" },
    { .name = NULL },
};

struct str api_kinds_text(unsigned kinds, struct arena *arena)
{
    static const char *const names[] = { "rules",  "scopes",         "filters",      "renders",
                                         "tests",  "event handlers", "transactions", "jobs",
                                         "routes", "pages",          "commands" };
    unsigned called = kinds & API_CALLED;
    struct str text = kinds & API_LOAD ? STR("at the top level of a file") : STR("");

    if (called && text.len)
        text = str_concat(arena, text, STR(" and "));
    if (called == API_CALLED)
        return str_concat(arena, text, STR("in all functions"));
    for (unsigned i = 0, left = called; left; i++) {
        if (!(called >> (i + 1) & 1u))
            continue;
        left &= ~(2u << i);
        text = str_printf(arena, "%.*s%s%s", STR_ARG(text),
                          (left | (2u << i)) == called ? "in "
                          : left == 0                  ? " and "
                                                       : ", ",
                          names[i]);
    }
    return text;
}

const char *api_kind_name(enum api_kind kind)
{
    switch (kind) {
    case API_LOAD:
        return "at the top level of a file";
    case API_RULE:
        return "in a rule";
    case API_SCOPE:
        return "in a scope";
    case API_FILTER:
        return "in a filter";
    case API_RENDER:
        return "in a render";
    case API_TEST:
        return "in a test";
    case API_EVENT:
        return "in an event handler";
    case API_TRANSACTION:
        return "in a transaction";
    case API_JOB:
        return "in a job";
    case API_ROUTE:
        return "in a route";
    case API_PAGE:
        return "in a page";
    case API_COMMAND:
        return "in a command";
    }
    return "";
}
