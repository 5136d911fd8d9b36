# What others read of the repository: META.json is as the PGXN Meta Spec 1.0.0 asks for, one version is named everywhere, and the files that
# are named are there.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use PostgreSQL::Test::Utils;
use Test::More;

my $meta = decode_json(slurp_file('META.json'));

# Terms, tags and versions of the specification.
my $term = qr{^[^\s/\\:[:cntrl:]]{2,}$};
my $semantic = qr/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?$/;

ok(defined $meta->{$_} && $meta->{$_} ne '', "META.json has the required field $_")
    for qw(name version abstract maintainer license provides meta-spec);
like($meta->{name}, $term, 'its name is a term');
like($meta->{version}, $semantic, 'its version is a semantic version');
ok(ref $meta->{maintainer} eq 'ARRAY' || !ref $meta->{maintainer}, 'its maintainer is a name, or a list of names');
like($meta->{license}, qr/^(agpl_3|apache_1_1|apache_2_0|artistic_1|artistic_2|bsd|freebsd|gfdl_1_2|gfdl_1_3|gpl_1|gpl_2|gpl_3|lgpl_2_1|lgpl_3_0|mit|mozilla_1_0|mozilla_1_1|openssl|perl_5|postgresql|qpl_1_0|ssleay|sun|zlib|open_source|restricted|unrestricted|unknown)$/,
    'its license is one that the specification names');
is($meta->{'meta-spec'}{version}, '1.0.0', 'it names the version of the specification');
like($meta->{release_status} // 'stable', qr/^(stable|testing|unstable)$/, 'its release_status is a known one');
is(ref $meta->{provides}, 'HASH', 'it says what it provides');
for my $name (sort keys %{ $meta->{provides} }) {
    my $provided = $meta->{provides}{$name};
    like($name, $term, "$name is a term");
    like($provided->{version}, $semantic, "$name has a version");
    ok($provided->{file} && -e $provided->{file}, "the file of $name is there");
    ok(!$provided->{docfile} || -e $provided->{docfile}, "and its docfile, if it has one");
}
for my $phase (sort keys %{ $meta->{prereqs} // {} }) {
    like($phase, qr/^(configure|build|test|runtime|develop)$/, "prerequisites of a known phase: $phase");
    for my $relation (sort keys %{ $meta->{prereqs}{$phase} }) {
        like($relation, qr/^(requires|recommends|suggests|conflicts)$/, "and relation: $relation");
        my $needs = $meta->{prereqs}{$phase}{$relation};
        ok($needs->{$_} eq '0' || $needs->{$_} =~ /$semantic|^[<>=!]/, "with a version of $_") for sort keys %$needs;
    }
}
ok(!grep({ $_ eq '' || length > 255 || m{[/\\[:cntrl:]]} } @{ $meta->{tags} // [] }), 'its tags are tags');
my @known = qw(name version abstract maintainer license provides meta-spec description generated_by tags no_index prereqs
    release_status resources);
is(join(' ', grep { my $field = $_; !/^[xX]_/ && !grep { $_ eq $field } @known } sort keys %$meta), '', 'it has no field that is unknown');

my ($version) = slurp_file('leadscore.control') =~ /^default_version = '(.*)'/m;
is($meta->{version}, $version, 'META.json has the version of the control file');
is($meta->{provides}{leadscore}{version}, $version, 'for the extension, too');
like(slurp_file('debian/changelog'), qr/\Aleadscore \(\Q$version\E\) /, 'debian/changelog begins with it');
like(slurp_file('CHANGELOG.md'), qr/\A# Changelog\n\n## \Q$version\E \((?:not released yet|\d{4}-\d\d-\d\d)\)\n/, 'and CHANGELOG.md, too');

done_testing();
