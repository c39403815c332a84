/* Manual: foyer(1) in the man macros, which every man program understands. */
#include "cli/manual.h"

#include "base/limits.h"
#include "base/version.h"
#include "cli/help.h"
#include "cli/options.h"

#include <ctype.h>
#include <string.h>

static void put_command(const struct command *command, struct buf *out);
static void put_options(const struct option *option, struct buf *out);
static void put_text(const char *text, struct buf *out);

static const char head[] =
    ".SH NAME\n"
    "foyer \\- client portal server\n"
    ".SH SYNOPSIS\n"
    ".B foyer\n"
    ".I COMMAND\n"
    "[\\fIOPTION\\fR...]\n"
    ".SH DESCRIPTION\n"
    "Foyer is a client portal that you host yourself: one program and one folder of data.\n"
    "Commands that change or copy the data folder work with and without a running server:\n"
    "where one runs they go through its control socket, else they take the lock of the folder.\n"
    ".SH COMMANDS\n";

static const char tail[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\ndone\n"
    ".TP\n.B 1\nfailed, or something was found; stderr says what to do\n"
    ".TP\n.B 2\ncalled wrongly\n"
    ".SH ENVIRONMENT\n"
    "Each setting of\n.B foyer serve\nmay stand in the environment as\n.BR FOYER_ NAME.\n"
    ".SH FILES\n"
    ".TP\n.I DATA/foyer.db\nthe database, with \\-wal and \\-shm while a server runs\n"
    ".TP\n.I DATA/server.key\nfrom which mailed links are derived; keep it secret\n"
    ".TP\n.I DATA/scripts, DATA/plugins\nwhat an admin puts beside or in place of what is shipped\n"
    ".TP\n.I DATA/mail\nmails, where no SMTP server is set\n"
    ".TP\n.I DATA/control\nthe control socket of the running server, for its owner alone\n"
    ".SH EXAMPLES\n.nf\n"
    "foyer init \\-\\-data /srv/foyer \\-\\-workspace \"My Firm\" \\-\\-email me@example.com\n"
    "foyer serve \\-\\-data /srv/foyer \\-\\-base\\-url https://portal.example.com\n"
    "foyer doctor \\-\\-data /srv/foyer\n"
    "foyer backup \\-\\-data /srv/foyer /backup/\n"
    ".fi\n";

int manual_print(void)
{
    const struct command *const *at;
    struct buf out;

    buf_init(&out, MIB(1));
    buf_text(&out, ".TH FOYER 1 \"\" \"foyer " FOYER_VERSION "\" \"Foyer\"\n");
    buf_text(&out, head);
    for (at = commands; *at; at++)
        put_command(*at, &out);
    buf_text(&out, tail);
    command_print(buf_view(&out));
    buf_fini(&out);
    return command_done(&command_help);
}

static void put_command(const struct command *command, struct buf *out)
{
    const struct option *options = command_options(command);
    struct buf synopsis;

    buf_init(&synopsis, KIB(16));
    if (command->synopsis)
        buf_text(&synopsis, command->synopsis);
    else
        help_synopsis(command, KIB(16), &synopsis);
    buf_char(&synopsis, '\0');
    buf_printf(out, ".SS \"foyer %s\"\n", command->name);
    put_text(synopsis.at, out);
    buf_printf(out, ".PP\n%c", toupper(command->summary[0]));
    put_text(command->summary + 1, out);
    buf_text(out, ".\n");
    if (command->notes) {
        buf_text(out, ".PP\n");
        put_text(command->notes, out);
    }
    if (options)
        put_options(options, out);
    buf_fini(&synopsis);
}

static void put_options(const struct option *option, struct buf *out)
{
    for (; option->name; option++) {
        bool is_operand = option->kind == OPTION_OPERAND || option->kind == OPTION_OPERANDS;

        buf_printf(out, ".TP\n%s ", is_operand ? ".I" : ".BI");
        if (!is_operand)
            put_text("--", out);
        put_text(option->name, out);
        if (option->value) {
            buf_text(out, " \" ");
            put_text(option->value, out);
            buf_char(out, '"');
        }
        buf_char(out, '\n');
        put_text(option->help, out);
        buf_char(out, '\n');
    }
}

/* What means something to roff is escaped; a line that would begin with a control character is not one. */
static void put_text(const char *text, struct buf *out)
{
    for (const char *at = text; *at; at++) {
        bool begins = out->len == 0 || out->at[out->len - 1] == '\n';

        if (begins && *at == ' ')
            continue; /* would break the line */
        if (begins && (*at == '.' || *at == '\''))
            buf_text(out, "\\&");
        if (*at == '\\')
            buf_text(out, "\\e");
        else if (*at == '-')
            buf_text(out, "\\-");
        else if (*at == '`')
            buf_text(out, "\\(oq");
        else if ((unsigned char)*at >= 0x80 && !strncmp(at, "…", 3)) {
            buf_text(out, "...");
            at += 2;
        } else
            buf_char(out, *at);
    }
}
