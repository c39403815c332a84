/* Api table tools: the rows of level 1 that are no question: texts, time, logs, entries, hashes. */
#include "lua/api_table.h"
#include "lua/bind.h"

#define HELD (API_FILTER | API_TRANSACTION | API_TASKS)

const struct api_function api_tools[] = {
    { .name = "text.trim",
      .body = bind_text_trim,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "The text without the white space around it.",
      .example = "foyer.text.trim(\"  Jane \") == \"Jane\"" },
    { .name = "text.starts",
      .body = bind_text_starts,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING }, { "with", API_STRING } },
      .returns = "boolean",
      .help = "Whether the text begins with another one; no pattern.",
      .example = "foyer.text.starts(\"client.create\", \"client.\")" },
    { .name = "text.ends",
      .body = bind_text_ends,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING }, { "with", API_STRING } },
      .returns = "boolean",
      .help = "Whether the text ends in another one; no pattern.",
      .example = "foyer.text.ends(\"jane@example.com\", \"@example.com\")" },
    { .name = "text.split",
      .body = bind_text_split,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING }, { "separator", API_STRING } },
      .returns = "string[]",
      .help = "The pieces between separators; no pattern.",
      .example = "foyer.text.split(\"a,b\", \",\")[2] == \"b\"" },
    { .name = "text.fold",
      .body = bind_text_fold,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "The text without case and accents: what searches compare.",
      .example = "foyer.text.fold(\"Müller\") == foyer.text.fold(\"MULLER\")" },
    { .name = "text.html",
      .body = bind_text_html,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "The text escaped for HTML. Templates do it by themselves.",
      .example = "foyer.text.html(\"<b>\") == \"&lt;b&gt;\"" },
    { .name = "text.url",
      .body = bind_text_url,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "The text escaped for a part of a URL.",
      .example = "foyer.text.url(\"a b\") == \"a%20b\"" },
    { .name = "time.now",
      .body = bind_time_now,
      .kinds = API_CALLED,
      .returns = "string",
      .help = "The instant of the request, in UTC; the same in the whole transaction.",
      .example = "foyer.time.now() > \"2020-01-01T00:00:00.000000Z\"" },
    { .name = "time.seconds",
      .body = bind_time_seconds,
      .kinds = API_ANYWHERE,
      .params = { { "time", API_STRING } },
      .returns = "number",
      .help = "Seconds since 1970 of a time as fields have it.",
      .example = "foyer.time.seconds(\"1970-01-02T00:00:00Z\") == 86400" },
    { .name = "time.format",
      .body = bind_time_format,
      .kinds = API_ANYWHERE,
      .params = { { "seconds", API_NUMBER } },
      .returns = "string",
      .help = "The time of so many seconds since 1970, as fields have it.",
      .example = "foyer.time.format(86400) == \"1970-01-02T00:00:00.000000Z\"" },
    { .name = "log.info",
      .body = bind_log_info,
      .kinds = API_CALLED,
      .params = { { "text", API_STRING } },
      .help = "Writes a line to the server's log, with the id of the request.",
      .example = "foyer.log.info(\"looked at\")" },
    { .name = "log.warn",
      .body = bind_log_warn,
      .kinds = API_CALLED,
      .params = { { "text", API_STRING } },
      .help = "The same, as a warning.",
      .example = "foyer.log.warn(\"odd\")" },
    { .name = "log.error",
      .body = bind_log_error,
      .kinds = API_CALLED,
      .params = { { "text", API_STRING } },
      .help = "The same, as an error.",
      .example = "foyer.log.error(\"wrong\")" },
    /* ---- Entries that stay ---- */
    { .name = "kv.get",
      .body = bind_kv_get,
      .kinds = API_FILTER | API_TRANSACTION,
      .capability = "kv",
      .params = { { "key", API_STRING } },
      .returns = "any, integer?",
      .help =
          "What the plugin keeps under this key in this workspace, and the version of the entry; "
          "nil: nothing.",
      .example = "foyer.kv.get(\"seen\") == nil" },
    { .name = "kv.set",
      .body = bind_kv_set,
      .kinds = API_FILTER | API_TRANSACTION,
      .capability = "kv",
      .params = { { "key", API_STRING },
                  { "value", API_ANY },
                  { "options", API_TABLE, true, "{ ttl: number?, version: integer? }" } },
      .returns = "integer?",
      .help =
          "Keeps a value: texts, numbers, tables of them, at most 64 KiB as JSON; it is there when "
          "the change is. Gives its new version. ttl: seconds after which it is gone. version: "
          "only "
          "if the entry still has it (0: only if there is none); else nothing happens, and it "
          "gives "
          "nil. A plugin has at most 1,000,000 entries and 256 MiB in a workspace.",
      .example = "foyer.kv.set(\"seen\", { count = 1 }, { ttl = 86400 }) > 0" },
    { .name = "kv.delete",
      .body = bind_kv_delete,
      .kinds = API_FILTER | API_TRANSACTION,
      .capability = "kv",
      .params = { { "key", API_STRING }, { "options", API_TABLE, true, "{ version: integer? }" } },
      .returns = "boolean",
      .help = "Takes an entry away, with version only if it still has it. Gives whether it did.",
      .example = "foyer.kv.delete(\"seen\") == false" },
    { .name = "kv.list",
      .body = bind_kv_list,
      .kinds = API_FILTER | API_TRANSACTION,
      .capability = "kv",
      .params = { { "prefix", API_STRING },
                  { "options", API_TABLE, true, "{ after: string?, limit: integer? }" } },
      .returns = "{ key: string, value: any, version: integer }[]",
      .help = "The entries whose keys begin with prefix (\"\": all), by key: the first 100, or "
              "limit (at "
              "most 1,000), after the key `after`.",
      .example = "#foyer.kv.list(\"seen/\", { limit = 10 }) == 0" },

    /* ---- Values for a while ---- */
    { .name = "cache.get",
      .body = bind_cache_get,
      .kinds = HELD,
      .capability = "cache",
      .params = { { "key", API_STRING } },
      .returns = "any",
      .help = "What the plugin has put under this key in this workspace, a copy; nil: nothing, or "
              "not any more. It is in memory, the same for all threads, and may be gone at any "
              "time: when its ttl is over, when room is needed, when the server ends, when the "
              "plugin's text or what the workspace chose for its plugins is another one.",
      .example = "foyer.cache.get(\"rate/EUR\") == nil" },
    { .name = "cache.set",
      .body = bind_cache_set,
      .kinds = HELD,
      .capability = "cache",
      .params = { { "key", API_STRING },
                  { "value", API_ANY },
                  { "options", API_TABLE, true, "{ ttl: number? }" } },
      .help = "Puts a value there: texts, numbers, tables of them, at most 64 KiB as JSON. ttl: "
              "seconds, an hour where nothing is said, at most a week. In a filter or transaction "
              "it is there for others when the change is, and never if that is refused. A plugin "
              "has at most 4 MiB in a workspace; what was not used for longest goes first.",
      .example = "foyer.cache.set(\"rate/EUR\", { usd = 1.1 }, { ttl = 600 }) == nil" },
    { .name = "cache.delete",
      .body = bind_cache_delete,
      .kinds = HELD,
      .capability = "cache",
      .params = { { "key", API_STRING } },
      .help = "Takes it away.",
      .example = "foyer.cache.delete(\"rate/EUR\") == nil" },
    { .name = "cache.add",
      .body = bind_cache_add,
      .kinds = HELD,
      .capability = "cache",
      .params = { { "key", API_STRING },
                  { "number", API_INTEGER, true },
                  { "options", API_TABLE, true, "{ ttl: number? }" } },
      .returns = "integer",
      .help = "Adds to a counter, 1 where nothing is said, and gives what it is then; one that is "
              "not there begins at 0, and ends when its ttl is over, however often it is added "
              "to. Adding loses nothing when many do it at once.",
      .example = "foyer.cache.add(\"asked\", 1, { ttl = 60 }) == 1" },

    /* ---- Mails ---- */
    { .name = "mail.queue",
      .body = bind_mail_queue,
      .kinds = API_FILTER | API_TRANSACTION,
      .capability = "mail",
      .params = { { "mail", API_TABLE, false,
                    "{ to: string, subject: string, text: string, html: string? }" } },
      .help = "Owes a mail to one address: it goes out when the change is there, again and again "
              "until a "
              "server takes it, in the name of the workspace. What cannot be a mail is an error at "
              "once. "
              "At most 20 in one call. In tests, t.filter gives what was queued as `mails`.",
      .example = "foyer.mail.queue({ to = \"office@example.com\", subject = \"New\", text = "
                 "\"Hello\" }) == "
                 "nil" },

    /* ---- Events ---- */
    { .name = "events.emit",
      .body = bind_events_emit,
      .kinds = API_FILTER | API_TRANSACTION | API_TASKS,
      .capability = "events",
      .params = { { "name", API_STRING },
                  { "options", API_TABLE, true, "{ key: string?, data: table? }" } },
      .help = "Tells an event, that other handlers get by foyer.on. Its name begins with that of "
              "the script and a "
              "dot: house_rules.lua tells `house_rules.mended`. key: the id of what it tells of; "
              "events of one key "
              "come in their order. data: what event.data has, at most 64 KiB. In a filter or "
              "transaction it is told "
              "when the change is there; in a handler once, also when that is tried again. At most "
              "20 in one "
              "filter or transaction. In tests, t.filter gives what was told as `events`.",
      .example = "foyer.events.emit(\"x.greeted\", { data = { words = \"Hello\" } })" },

    /* ---- Other servers ---- */
    { .name = "http.fetch",
      .body = bind_http_fetch,
      .kinds = API_TASKS,
      .capability = "http",
      .params = { { "url", API_SECRET },
                  { "options", API_TABLE, true,
                    "{ method: string?, headers: table<string, string|foyer.Secret>?, body: "
                    "string|foyer.Secret|nil, json: any, "
                    "timeout: number?, redirects: boolean? }" } },
      .returns = "{ status: integer, headers: table<string, string>, body: string }",
      .help =
          "Asks another server, by https or http, and waits for its answer, of whatever status; "
          "names of headers "
          "come in lower case. body is a text, json any value, sent as JSON; with either, the "
          "method is POST where "
          "none is given. timeout: seconds, 10 where nothing is said, at most 25. Redirects are "
          "followed where "
          "redirects is true, up to five, and take no headers of yours to another host. Where "
          "there is no answer "
          "(no such name, a private address, a certificate that is not trusted, more than 1 MB, "
          "time is over), it "
          "is an error that says why. What has a plugin.json or a header reaches the hosts that it "
          "names "
          "there (`hosts`). Secrets (foyer.secret) may stand for the URL, a header, the body, or a "
          "text in json; "
          "they go only to hosts that are named, and to none that a redirect leads to. A handler "
          "that is tried again fetches again.",
      .example = "local answer = foyer.http.fetch(\"https://chat.example.com/hook\", { json = { "
                 "text = \"Hello\" } })\n"
                 "if answer.status >= 300 then error(\"the chat says \" .. answer.status) end" },

    /* ---- JSON and templates ---- */
    { .name = "json.encode",
      .body = bind_json_encode,
      .kinds = API_ANYWHERE,
      .params = { { "value", API_ANY } },
      .returns = "string",
      .help = "The value as JSON. A table with the keys 1 to n is an array, an empty one an object "
              "unless "
              "json.array made it; json.null is null.",
      .example = "foyer.json.encode({ a = { 1, 2 } }) == '{\"a\":[1,2]}'" },
    { .name = "json.decode",
      .body = bind_json_decode,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "any, string?",
      .help =
          "The value of a JSON text; nil and the reason, with line and column, where it is none. "
          "What is null in an object is left out.",
      .example = "foyer.json.decode('{\"a\":[1,2]}').a[2] == 2" },
    { .name = "json.array",
      .body = bind_json_array,
      .kinds = API_ANYWHERE,
      .params = { { "table", API_TABLE } },
      .returns = "table",
      .help = "Marks a table as an array, for one that may be empty, and gives it.",
      .example = "foyer.json.encode(foyer.json.array({})) == \"[]\"" },
    { .name = "template.load",
      .body = bind_template_load,
      .kinds = API_ANYWHERE,
      .params = { { "name", API_STRING }, { "mode", API_STRING, true, "\"html\"|\"text\"" } },
      .returns = "fun(variables: table): string",
      .help =
          "The template of that name in templates/, loaded at the top level of a file: a function "
          "that takes its variables and gives the text. {{ name }} is escaped for HTML unless the "
          "mode is text (or the name ends in .txt), {{& name }} never; {% if … %} and {% end %} "
          "are Lua; what has no value is an error.",
      .example = "foyer.template.load(\"invite.html\")({ name = \"Jane\" })" },
    { .name = "template.compile",
      .body = bind_template_compile,
      .kinds = API_ANYWHERE,
      .params = { { "name", API_STRING },
                  { "source", API_STRING },
                  { "mode", API_STRING, true, "\"html\"|\"text\"" } },
      .returns = "fun(variables: table): string",
      .help = "The same of a text. The name stands in messages.",
      .example = "foyer.template.compile(\"hello\", \"Hello {{ name }}\")({ name = \"<b>\" }) == "
                 "\"Hello &lt;b&gt;\"" },
    { .name = "template.escape",
      .body = bind_template_escape,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "The text escaped for HTML, as {{ }} does.",
      .example = "foyer.template.escape(\"<b>\") == \"&lt;b&gt;\"" },

    /* ---- Hashes ---- */
    { .name = "crypto.sha256",
      .body = bind_crypto_sha256,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string",
      .help = "SHA-256, in hexadecimal digits.",
      .example = "#foyer.crypto.sha256(\"abc\") == 64" },
    { .name = "crypto.hmac",
      .body = bind_crypto_hmac,
      .kinds = API_ANYWHERE,
      .params = { { "key", API_SECRET }, { "text", API_STRING } },
      .returns = "string",
      .help =
          "HMAC-SHA256 with a key of any length, in hexadecimal digits: to sign, and to check a "
          "signature (by crypto.equal).",
      .example = "#foyer.crypto.hmac(\"key\", \"text\") == 64" },
    { .name = "crypto.hex",
      .body = bind_crypto_hex,
      .kinds = API_ANYWHERE,
      .params = { { "bytes", API_STRING } },
      .returns = "string",
      .help = "The bytes as hexadecimal digits.",
      .example = "foyer.crypto.hex(\"AB\") == \"4142\"" },
    { .name = "crypto.unhex",
      .body = bind_crypto_unhex,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string?",
      .help = "The bytes of hexadecimal digits; nil: it is none.",
      .example = "foyer.crypto.unhex(\"4142\") == \"AB\"" },
    { .name = "crypto.base64",
      .body = bind_crypto_base64,
      .kinds = API_ANYWHERE,
      .params = { { "bytes", API_STRING }, { "url", API_BOOLEAN, true } },
      .returns = "string",
      .help = "The bytes in Base64; url: in the alphabet of addresses, without padding.",
      .example = "foyer.crypto.base64(\"fo\") == \"Zm8=\"" },
    { .name = "crypto.unbase64",
      .body = bind_crypto_unbase64,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING } },
      .returns = "string?",
      .help = "The bytes of Base64 of either alphabet, with padding or without; nil: it is none.",
      .example = "foyer.crypto.unbase64(\"Zm8\") == \"fo\"" },
    { .name = "crypto.equal",
      .body = bind_crypto_equal,
      .kinds = API_ANYWHERE,
      .params = { { "a", API_SECRET }, { "b", API_SECRET } },
      .returns = "boolean",
      .help = "Whether two texts are the same, in a time that does not tell where they differ: for "
              "secrets.",
      .example = "foyer.crypto.equal(\"a\", \"a\")" },
    { .name = "crypto.random",
      .body = bind_crypto_random,
      .kinds = API_FILTER | API_TRANSACTION,
      .params = { { "count", API_INTEGER } },
      .returns = "string",
      .help = "Random bytes, 1 to 256, that nobody can guess.",
      .example = "#foyer.crypto.random(16) == 16" },

    /* ---- Checking and wording ---- */
    { .name = "schema.validate",
      .body = bind_schema_validate,
      .kinds = API_ANYWHERE,
      .params = { { "value", API_ANY }, { "schema", API_TABLE } },
      .returns = "boolean, { path: string, message: string }[]",
      .help =
          "Whether a value fits a schema, and all that does not. Words of JSON Schema that are "
          "known: type, enum, const, required, properties, additionalProperties, items, minItems, "
          "maxItems, minLength, maxLength, minimum, maximum, title, description.",
      .example =
          "foyer.schema.validate({ n = 1 }, { properties = { n = { type = \"integer\" } } })" },
    { .name = "i18n.choose",
      .body = bind_i18n_choose,
      .kinds = API_ANYWHERE,
      .params = { { "languages", API_TABLE, false, "table<string, any>" },
                  { "locale", API_STRING, true } },
      .returns = "any",
      .help =
          "What a table of languages has for a locale: for \"de-AT\" that of de-AT, else de, else "
          "en, else any.",
      .example = "foyer.i18n.choose({ en = \"Hello\", de = \"Hallo\" }, \"de-AT\") == \"Hallo\"" },
    { .name = "i18n.fill",
      .body = bind_i18n_fill,
      .kinds = API_ANYWHERE,
      .params = { { "text", API_STRING }, { "values", API_TABLE } },
      .returns = "string",
      .help = "The text with {name} replaced by the value of that name. One that is missing is an "
              "error.",
      .example = "foyer.i18n.fill(\"Hello {name}\", { name = \"Jane\" }) == \"Hello Jane\"" },
    { .name = NULL },
};
