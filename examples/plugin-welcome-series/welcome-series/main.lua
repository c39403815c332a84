-- A series of mails for whoever is new: one at once, reminders after some days, and an end.
--
-- What was sent is kept with the mail, in one transaction: so nobody gets one twice, however often a handler is tried.
-- The client is read in that transaction, too: who is archived, has done what was asked, or is not invited gets none.
--
--   series/ID   { started = seconds, sent = how many steps are over }; while it runs
--   over/ID     { why = }; so that it never begins again

local foyer = require("foyer")
local words = require("lib.words")

local html = foyer.template.load("mail.html")
local plain = foyer.template.load("mail.txt")

local DAY = 86400

foyer.metrics.counter("welcome_mails", { help = "Mails of the series", labels = { "step" } })
foyer.metrics.counter("welcome_ended", { help = "Series that ended, and why", labels = { "why" } })

local function now() return foyer.time.seconds(foyer.time.now()) end

-- "0, 3, 7" as { 0, 3, 7 }; what is no number is left out, and so is what does not rise.
local function days_of(settings)
  local days = {}
  for word in settings.days:gmatch("%d+") do
    local day = tonumber(word)
    if #days < 5 and (#days == 0 or day > days[#days]) then days[#days + 1] = day end
  end
  return days
end

local function finish(id, why)
  foyer.kv.delete("series/" .. id)
  foyer.kv.set("over/" .. id, { why = why })
  foyer.metrics.add("welcome_ended", 1, { why = why })
  return why
end

local function has_tag(client, tag)
  for _, one in ipairs(client.tags or {}) do
    if one == tag then return true end
  end
  return false
end

-- Why the client needs no more of them; nil: it does.
local function reason_to_end(settings, client)
  if settings.never ~= "" and has_tag(client, settings.never) then return "unwanted" end
  if settings["until"] == "active" and client.status == "active" then return "done" end
  if settings["until"] == "tag" and has_tag(client, settings.word) then return "done" end
  if settings["until"] == "field" then
    local custom = settings.word:match("^customFields%.(.+)$")
    local value
    if custom then value = (client.customFields or {})[custom] else value = client[settings.word] end
    if value ~= nil and value ~= "" then return "done" end
  end
  return nil
end

local function mail_of(ctx, client, step, count)
  local settings, kind = ctx.settings, step == 1 and "first" or step == count and "last" or "reminder"
  local locale = settings.language ~= "" and (client.customFields or {})[settings.language] or ctx.workspace.locale
  local said = foyer.i18n.choose(words, type(locale) == "string" and locale or nil)
  local values = { firm = ctx.workspace.name, name = client.givenName or "" }
  local own = settings["text_" .. kind]
  local text = own ~= "" and own or foyer.i18n.fill(said[kind].text, values)
  local subject = settings["subject_" .. kind]
  subject = subject ~= "" and subject or foyer.i18n.fill(said[kind].subject, values)
  local shown = {
    language = locale or "en", link = foyer.text.trim(settings.link), open = said.open, firm = ctx.workspace.name,
    hello = client.givenName and foyer.i18n.fill(said.hello, values) or said.nobody,
    text = text, lines = foyer.text.split(text, "\n"),
  }
  return { to = client.email, subject = subject, text = plain(shown), html = html(shown) }
end

-- Begins a series, unless there is or was one. Gives whether it did.
foyer.transaction("begin", function(_, args)
  if foyer.kv.get("over/" .. args.id) then return false end
  return foyer.kv.set("series/" .. args.id, { started = args.started, sent = 0 }, { version = 0 }) ~= nil
end)

-- One step of one client: the mail, or why there is none. At most one mail in one call.
foyer.transaction("send", function(ctx, args)
  local series, days = foyer.kv.get("series/" .. args.id), days_of(ctx.settings)
  if not series then return "none" end
  local answer = foyer.api("GET", "/v1/clients/" .. args.id)
  if answer.status ~= 200 and answer.status ~= 404 then error("the client cannot be read: " .. answer.body.message) end
  if answer.status == 404 or answer.body.archivedAt then return finish(args.id, "archived") end
  local client = answer.body
  local why = reason_to_end(ctx.settings, client)
  if why then return finish(args.id, why) end

  -- To whoever is not invited no mail is ever sent; nor can one be without an address. Both may come: it begins then.
  if client.status == "notInvited" or not client.email then
    if series.sent == 0 then foyer.kv.set("series/" .. args.id, { started = math.floor(now()), sent = 0 }) end
    return "waits"
  end

  -- Steps that are overdue for long are left out: after a pause nobody gets mails of last month.
  local passed, step = (now() - series.started) / DAY, series.sent + 1
  while days[step] and passed > days[step] + ctx.settings.late do step = step + 1 end
  if not days[step] then return finish(args.id, "end") end
  if step ~= series.sent + 1 then foyer.kv.set("series/" .. args.id, { started = series.started, sent = step - 1 }) end
  if passed < days[step] - 0.5 then return "early" end

  foyer.mail.queue(mail_of(ctx, client, step, #days))
  foyer.metrics.add("welcome_mails", 1, { step = step })
  if step == #days then return finish(args.id, "end") end
  foyer.kv.set("series/" .. args.id, { started = series.started, sent = step })
  return "sent"
end)

foyer.transaction("stop", function(_, args)
  if foyer.kv.get("series/" .. args.id) then finish(args.id, "archived") end
end)

-- A page of those whose series runs, and who of them may be due.
foyer.transaction("due", function(ctx, args)
  local ids, last, days = foyer.json.array {}, nil, days_of(ctx.settings)
  for _, entry in ipairs(foyer.kv.list("series/", { after = args.after, limit = 100 })) do
    local day = days[entry.value.sent + 1]
    last = entry.key
    if not day or now() >= entry.value.started + (day - 0.5) * DAY then ids[#ids + 1] = last:sub(#"series/" + 1) end
  end
  return { ids = ids, last = last }
end)

local function start(event, ctx)
  if not ctx.settings.enabled then return end
  local started = math.floor(foyer.time.seconds(event.createdAt))
  if foyer.run("begin", { id = event.entityId, started = started }) then
    foyer.run("send", { id = event.entityId })
  end
end

foyer.on("client.activated", { name = "begin_signed_in" }, function(event, ctx)
  if ctx.settings.start == "signIn" then start(event, ctx) end
end)

foyer.on("client.created", { name = "begin_made" }, function(event, ctx)
  if ctx.settings.start == "created" then start(event, ctx) end
end)

foyer.on("client.deleted", { name = "end_series" }, function(event)
  foyer.run("stop", { id = event.entityId })
end)

-- In the morning of the workspace.
foyer.job("remind", { cron = "0 9 * * *", jitter = "10m", describe = "sends what is due" }, function(ctx)
  if not ctx.settings.enabled then return end
  local after
  repeat
    -- The time makes it another question each time: a later try is told who is due then.
    local page = foyer.run("due", { after = after, at = foyer.time.now() })
    for _, id in ipairs(page.ids) do foyer.run("send", { id = id, at = foyer.time.now() }) end
    after = page.last
  until not after
end)
