-- What the tests of this folder are about: one of each kind of function.
local foyer = require("foyer")

foyer.plugin { capabilities = { "api", "http", "kv", "mail", "view_clients" }, hosts = { "hook.example" } }

foyer.settings {
  hook = { type = "text", default = "" },
  token = { type = "secret" },
  feeds = { type = "boolean", default = false },
  at_most = { type = "integer", default = 2, min = 1, max = 9 },
}

foyer.rule("client.delete", function(ctx)
  if ctx.actor:is("apiKey") then return foyer.deny("by_hand_only", "Clients are deleted by people.") end
end)

foyer.filter("client.create", { stage = "normalize" }, function(_, client)
  if client.email and foyer.text.ends(client.email, "@gmail.com") then
    return foyer.reject("no_freemail", "Use the address of the company.", { field = "email" })
  end
end)

-- All of it, or nothing.
foyer.transaction("greet", function(_, args)
  foyer.kv.set("greeted/" .. args.id, true)
  foyer.mail.queue { to = args.email, subject = "Welcome", text = "See https://office.example/start." }
  if args.name == "Mallory" then error("nobody greets Mallory") end
  return { greeted = args.name }
end)

foyer.transaction("keep", function(_, args) foyer.kv.set(args.key, args.value) end)

foyer.on("client.created", { name = "tell" }, function(event, ctx)
  if ctx.settings.hook == "" then return end
  foyer.log.info("telling of " .. event.data.givenName)
  local headers = { authorization = "Bearer k", ["X-Token"] = foyer.secret("token") }
  local answer = foyer.http.fetch(ctx.settings.hook, { json = { name = event.data.givenName }, headers = headers })
  if answer.status >= 300 then error("the hook says " .. answer.status) end
end)

foyer.on("client.activated", { name = "greet" }, function(event)
  local client = foyer.api("GET", "/v1/clients/" .. event.entityId).body
  foyer.run("greet", { id = client.id, email = client.email, name = client.givenName })
end)

local function note(key)
  return function()
    foyer.log.info(key .. " " .. foyer.time.now())
  end
end

foyer.job("nightly", { cron = "30 2 * * *" }, note("nightly"))
foyer.job("hourly", { every = "1h", jitter = "10m" }, note("hourly"))

-- Requests that it answers: what comes in from outside, and a page.
foyer.route("POST", "/hook", { open = "the sender knows the secret" }, function(_, request)
  if request.headers["x-token"] ~= "t" then return foyer.reply(401, { message = "No." }) end
  local client = foyer.api("GET", "/v1/clients/" .. request.body.id)
  if client.status ~= 200 then return foyer.reply(404, { message = "Nobody." }) end
  foyer.run("keep", { key = "hook/" .. request.body.id, value = request.body.score })
  return { name = client.body.givenName }
end)

foyer.route("GET", "/rates", { may = "client.list" }, function()
  return { rate = foyer.json.decode(foyer.http.fetch("https://hook.example/rates").body).rate }
end)

foyer.page("dashboard", "/people", { title = "People" }, function()
  return "<h1>People</h1><p>" .. #foyer.api("GET", "/v1/clients").body.data .. "</p>"
end)

foyer.job("feed", { cron = "*/10 * * * *" }, function(ctx)
  if not ctx.settings.feeds then return end
  local answer = foyer.http.fetch("https://hook.example/feed")
  if answer.status ~= 200 then error("no feed") end
end)
