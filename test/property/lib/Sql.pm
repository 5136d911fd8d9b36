# Values and names as SQL has them.
package Sql;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;

our @EXPORT_OK = qw(literal identifier json);

# Strings are bytes here, those of UTF-8.
my $json = JSON::PP->new->canonical->latin1;

sub literal {
    my ($value) = @_;
    return 'NULL' if !defined $value;
    $value =~ s/'/''/g;
    return "'$value'";
}

sub identifier {
    my ($name) = @_;
    return $name if $name =~ /^[a-z_][a-z0-9_]*$/ && $name !~ /^(?:at|kind|lead|order|user|table)$/;
    $name =~ s/"/""/g;
    return "\"$name\"";
}

sub json { return $json->encode($_[0]) }

1;
