# A job of a script runs by the clock of its workspace, and what was missed is made up for once
proves: A17

workspace "Rocket Agency" owned by owner@example.com served with --loops 1
api PATCH /v1/workspaces
  {"timeZone": "Europe/Vienna"}
=> 200
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann

api PUT /v1/scripts/daily.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.transaction(\"mark\", function(_, id)\n  local path = \"/v1/clients/\" .. id\n  local text = (foyer.api(\"GET\", path).body.position or \"\") .. \"x\"\n  foyer.api(\"PATCH\", path, { body = { position = text } })\nend)\nfoyer.job(\"mark\", { every = \"1d\", describe = \"marks everybody\" }, function(ctx)\n  for _, client in ipairs(foyer.api(\"GET\", \"/v1/clients\").body.data) do\n    foyer.run(\"mark\", client.id)\n  end\nend)\nfoyer.job(\"mondays\", { cron = \"0 8 * * 1\", jitter = \"1h\" }, function() error(\"no mondays\") end)\n"}
=> 200
api GET /v1/jobs until mondays
=> 200
  data has 2 entries
  data.0.name = "mark"
  data.0.plugin = "daily.lua"
  data.0.schedule = "every 1d"
  data.0.timeZone = "Europe/Vienna"
  data.0.lastAt = null
  data.1.schedule = "0 8 * * 1 + 1h"
api GET /v1/deliveries
=> 200
  data has 0 entries

clock + 25 hours
api GET /v1/deliveries?handler=mark until "done"
=> 200
  data has 1 entry
  data.0.event = "job.due"
api GET /v1/clients/{ann}
=> 200
  position = "x"

# days without a server
restart
clock + 9 days
api GET /v1/clients/{ann} until "xx"
=> 200
  position = "xx"
api GET /v1/deliveries?handler=mondays until "failed"
=> 200
  data.0.error = "no mondays"

# a script that is gone has no jobs
api PUT /v1/scripts/daily.lua
  {"source": "-- Nothing any more.\n"}
=> 200
api GET /v1/jobs until "data":[]
=> 200
nobody GET /v1/jobs
=> 401
