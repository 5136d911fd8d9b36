# The examples of a page of the manual: blocks of sql, each with the text that it shows, if any.
package Examples;

use strict;
use warnings;

use Exporter qw(import);
use IPC::Run;
use Test::More;

our @EXPORT_OK = qw(examples_in run_example shows_what_it_says);

# The examples of a page, or of a part of it: { sql, shows }, in their order. Those of a list are indented.
sub examples_in {
    my ($page) = @_;
    my @examples;
    while ($page =~ /^( *)```(sql|text)\n(.*?)^\1```$/msg) {
        my ($indent, $kind, $block) = ($1, $2, $3);
        $block =~ s/^$indent//gm;
        if ($kind eq 'sql') { push @examples, { sql => $block, shows => '' } }
        else                { $examples[-1]{shows} = $block }
    }
    return @examples;
}

# What psql shows to a person, without notices and the count of rows: its output and its errors.
sub run_example {
    my ($connection, $sql) = @_;
    my ($out, $err) = ('', '');
    my @psql = ('psql', '-XqA', '-P', 'format=aligned', '-P', 'footer=off', '-v', 'SHOW_CONTEXT=never', '-d', $connection);
    IPC::Run::run(\@psql, '<', \"SET client_min_messages = warning;\n$sql", '>', \$out, '2>', \$err);
    $out =~ s/\n+\z/\n/;
    return ($out, $err);
}

# psql numbers the line of standard input at which a statement failed.
sub _without_place { my ($err) = @_; $err =~ s/^psql:<stdin>:\d+: //; return $err; }

# Runs an example and compares what it shows. One that shows nothing must only run.
sub shows_what_it_says {
    my ($connection, $example) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($out, $err) = run_example($connection, $example->{sql});
    my ($title) = $example->{sql} =~ /^(.*)$/m;
    return is(_without_place($err), $example->{shows}, "fails as shown: $title") if $example->{shows} =~ /^ERROR/;
    is($err, '', "runs without an error: $title");
    is($out, $example->{shows}, "shows what it says: $title") if $example->{shows};
    return;
}

1;
