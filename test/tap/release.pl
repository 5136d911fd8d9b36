# scripts/release makes a release of a copy of the repository: one version wherever one is named, a tag, an archive; and refuses what is none.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'there is no git here' if system('git --version >/dev/null 2>&1') != 0;

my $copy = PostgreSQL::Test::Utils::tempdir() . '/leadscore';
local %ENV = (%ENV, GIT_CONFIG_GLOBAL => '/dev/null', GIT_AUTHOR_NAME => 'a', GIT_AUTHOR_EMAIL => 'a@example.org',
    GIT_COMMITTER_NAME => 'a', GIT_COMMITTER_EMAIL => 'a@example.org', LEADSCORE_RELEASE_CHECK => 'true');

sub run { return run_log([ 'bash', '-c', "cd $copy && $_[0]" ]) }

sub refuses {
    my ($command, $message) = @_;
    my ($out, $err) = ('', '');
    ok(!IPC::Run::run([ 'bash', '-c', "cd $copy && $command" ], '>', \$out, '2>', \$err), "$command fails");
    like($err, $message, 'and says why');
    return;
}

system("mkdir $copy && tar -c --exclude=./build --exclude=./results --exclude=./output_iso --exclude='*.o' . | tar -x -C $copy") == 0 or die;
run('git init -q -b main && git add -A && git commit -q -m begin') or die 'git';
my ($current) = slurp_file("$copy/leadscore.control") =~ /^default_version = '(.*)'/m;

refuses('scripts/release', qr/usage/);
refuses('scripts/release 1.2', qr/usage/);
refuses('scripts/release 0.0.1', qr/version 0\.0\.1 is older than \Q$current\E/);
append_to_file("$copy/README.md", "more\n");
refuses("scripts/release $current", qr/changes that are not committed/);
run('git checkout -q README.md');
refuses("LEADSCORE_RELEASE_CHECK=false scripts/release 7.0.0", qr/the checks failed; nothing has changed/);
ok(run('test -z "$(git status --porcelain)" && ! git rev-parse -q --verify v7.0.0'), 'and nothing has changed');

for my $version ($current, '7.8.9') {
    if ($version ne $current) {
        refuses("scripts/release $version", qr/nobody could update from \Q$current\E/);
        append_to_file("$copy/src/updates/leadscore--$current--$version.sql", "-- nothing\n");
        my $changelog = slurp_file("$copy/CHANGELOG.md");
        unlink "$copy/CHANGELOG.md";
        append_to_file("$copy/CHANGELOG.md", $changelog =~ s/\n## /\n## $version (not released yet)\n\n- More.\n\n## /r);
        run('git add -A && git commit -q -m more');
    }
    ok(run("scripts/release $version"), "a release of $version");
    refuses("scripts/release $version", qr/version \Q$version\E is released already/);
    my $meta = decode_json(slurp_file("$copy/META.json"));
    is("$meta->{version} $meta->{provides}{leadscore}{version}", "$version $version", 'META.json has its version');
    like(slurp_file("$copy/leadscore.control"), qr/^default_version = '\Q$version\E'$/m, 'so has the control file');
    like(slurp_file("$copy/CHANGELOG.md"), qr/\A# Changelog\n\n## \Q$version\E \(\d{4}-\d\d-\d\d\)\n/, 'CHANGELOG.md');
    my @entries = slurp_file("$copy/debian/changelog") =~ /^leadscore \((.*?)\) unstable; urgency=medium\n\n  \* .*?\n\n -- .* <.*>  \w{3}, .*\n/mg;
    is("@entries", $version eq $current ? $current : "$version $current", 'and debian/changelog, with an entry for each release');
    ok(run("test \"\$(git rev-parse 'v$version^{commit}')\" = \"\$(git rev-parse HEAD)\""), 'the commit is tagged');
    ok(-s "$copy/test/released/leadscore--$version.sql", 'its install script is kept, for tests of later ones');
    my $list = `cd $copy && git ls-tree -r --name-only v$version | head -n 1; head -c 2 build/release/leadscore-$version.zip`;
    like($list, qr/PK\z/, 'and there is an archive');
}
done_testing();
