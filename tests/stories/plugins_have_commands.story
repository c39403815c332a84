# A plugin has commands for whoever runs the server: beside a running server and without one, as the plugin
proves: X7, X2

workspace "Rocket Agency" owned by owner@example.com with the demo

write scripts/crm.lua
-- Keeps the shop and Foyer in step.
local foyer = require("foyer")
foyer.transaction("keep", function(_, args) foyer.kv.set("last", args) end)
foyer.command("status", {
  describe = "lists clients by their status",
  arguments = { properties = { limit = { type = "integer", minimum = 1, description = "how many" } }, required = { "limit" } },
}, function(ctx, arguments)
  local page = foyer.api("GET", "/v1/clients", { query = { limit = arguments.limit } })
  local rows = {}
  for i, client in ipairs(page.body.data) do rows[i] = { name = client.givenName, status = client.status } end
  foyer.run("keep", { count = #rows, by = ctx.actor.kind })
  return rows
end)
foyer.command("trouble", function() error("no shop today") end)
end of file
api POST /v1/plugins/reload
=> 200
foyer plugin run crm --data DATA --json
=> 0
  0.name = "status"
  0.describe = "lists clients by their status"
foyer plugin run crm status --limit 1 --data DATA --json
=> 0
  0.name = "Jane"
  0.status = "notInvited"
foyer plugin run crm status --limit none --data DATA
=> 1
foyer plugin run crm status --data DATA
=> 1
foyer plugin run crm trouble --data DATA
=> 1
foyer plugin run crm statsu --data DATA
=> 1
foyer plugin run crm --limit 1 --data DATA
=> 2

# nobody asks it from outside, and a workspace may switch it off
api POST /p/crm/status
=> 404
api PATCH /v1/plugins/crm.lua
  {"enabled": false}
=> 200
foyer plugin run crm status --limit 1 --data DATA
=> 1
