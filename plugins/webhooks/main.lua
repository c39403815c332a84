-- Webhooks: tells other servers what happens. Endpoints and their log are Foyer's (/v1/webhook-endpoints), as are
-- queues, tries and order; here is what is sent, what counts as taken, and when an endpoint is given up.
local foyer = require("foyer")
local signature = require("lib.signature")

local FEWEST_TRIES = 10 -- before an endpoint is paused: days alone may be one event, tried twice

-- event.data is the thing as GET shows it to whoever may see everything: an endpoint belongs to the workspace.
local function payload(event)
  return foyer.json.encode {
    eventType = event.name,
    created = event.createdAt,
    object = "webhookEvent",
    data = event.data,
    previousData = event.before,
  }
end

local function give_up(endpoint, reason)
  foyer.run("give_up", { id = endpoint.id, reason = reason, contactId = endpoint.contactId })
end

-- Whether it has failed so often and for so long, with this try, that nobody seems to be there.
local function is_hopeless(endpoint, days)
  if type(endpoint.failingSince) ~= "string" or endpoint.failures + 1 < FEWEST_TRIES then return false end
  return foyer.time.seconds(foyer.time.now()) - foyer.time.seconds(endpoint.failingSince) >= days * 86400
end

local options = { name = "deliver", describe = "signs what happened, and sends it to an endpoint" }
foyer.on("webhook.due", options, function(event, ctx)
  local endpoint = event.endpoint
  if not endpoint then return end -- deleted meanwhile
  local is_test = event.name == "webhook.test"
  local secrets = foyer.api("GET", "/v1/webhook-endpoints/" .. endpoint.id .. "/secret")
  if secrets.status == 404 then return end
  if secrets.status ~= 200 then error("the secret is not told: " .. secrets.body.message, 0) end

  local body = payload(event)
  local timestamp = tostring(foyer.time.seconds(foyer.time.now())):match("^%d+")
  local headers = signature.headers(secrets.body, event.deliveryId, timestamp, body)
  local is_answered, answer = pcall(foyer.http.fetch, endpoint.url,
    { method = "POST", headers = headers, body = body, timeout = ctx.settings.timeout })
  if is_answered and answer.status >= 200 and answer.status < 300 then return end

  local reason = is_answered and "it answered " .. answer.status or answer:gsub("^.*foyer%.http%.fetch: ", "")
  if is_answered and answer.status >= 300 and answer.status < 400 then
    reason = reason .. ": redirects are not followed, change the URL of the endpoint"
  end
  if not is_test and is_answered and answer.status == 410 then
    give_up(endpoint, "It answered 410: it wants nothing any more.")
  elseif not is_test and is_hopeless(endpoint, ctx.settings.pause_after_days) then
    give_up(endpoint, "It has taken nothing since " .. endpoint.failingSince:sub(1, 10) .. ".")
  end
  error(reason, 0)
end)

-- Several deliveries may come to the same end at once: the first one tells.
foyer.transaction("give_up", function(_, args)
  local path = "/v1/webhook-endpoints/" .. args.id
  local found = foyer.api("GET", path)
  if found.status ~= 200 or found.body.status ~= "active" then return end
  local paused = foyer.api("POST", path .. "/pause", { body = { reason = args.reason } })
  if paused.status ~= 200 then error(paused.body.message, 0) end

  local person = args.contactId and foyer.api("GET", "/v1/internal-users/" .. args.contactId)
  if not person or person.status ~= 200 or not person.body.email then
    foyer.log.warn("webhooks: an endpoint is paused, and nobody can be told: " .. args.reason)
    return
  end
  foyer.mail.queue {
    to = person.body.email,
    subject = "A webhook endpoint was paused",
    text = "Nothing is sent any more to\n\n" .. found.body.url .. "\n\n" .. args.reason .. "\n\n"
      .. "What happens meanwhile waits for 14 days. When the endpoint is well again, resume it:\n"
      .. "POST " .. path .. "/resume",
  }
end)
