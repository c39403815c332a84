-- What the mails say, in each language. {firm} and {name} are filled in. Another language is another table here.

return {
  en = {
    hello = "Hello {name},", nobody = "Hello,", open = "Open your portal",
    first = { subject = "Welcome to {firm}",
      text = "It is good to have you. In your portal you find messages, files and all that we do together." },
    reminder = { subject = "A word from {firm}",
      text = "Have you looked around in your portal? Write to us there whenever something is unclear." },
    last = { subject = "A last word from {firm}",
      text = "This is our last reminder. If anything is in your way, answer this mail: a person reads it." },
  },
  de = {
    hello = "Guten Tag {name},", nobody = "Guten Tag,", open = "Zum Portal",
    first = { subject = "Willkommen bei {firm}",
      text = "Schön, dass Sie da sind. Im Portal finden Sie Nachrichten, Dateien und alles, was wir gemeinsam tun." },
    reminder = { subject = "Nachricht von {firm}",
      text = "Haben Sie sich im Portal schon umgesehen? Schreiben Sie uns dort, wenn etwas unklar ist." },
    last = { subject = "Ein letztes Wort von {firm}",
      text = "Das ist unsere letzte Erinnerung. Wenn etwas hakt, antworten Sie auf diese Mail: ein Mensch liest sie." },
  },
}
