# A team at random: its tables with rows in them, and a published model, in a database of its own. All of it follows from the seed.
package Scene;

use strict;
use warnings;

use Time::HiRes;
use PostgreSQL::Test::Cluster;

use Adjustments;
use Checks;
use Oracle;
use RandomModel;
use Statements;
use Tables;
use Dice qw(chance pick);
use Sql qw(literal);

# %about may fix: partitions => 0 or 1; triggers => 0: none of the team's own; insertions => how many statements; many => how many
# events of each source besides; adjustments => how many statements that make some; model => code that changes the random model.
sub random {
    my ($class, $seed, %about) = @_;
    srand($seed);
    my $tables = Tables->random(%about);
    my ($statements, $adjustments) = (Statements->new($tables), Adjustments->new($tables));
    my $model = RandomModel->random(pick('m', 'm', 'Model B', "l'été"), $tables);
    $about{model}->($model) if $about{model};
    my $self = bless { seed => $seed, tables => $tables, model => $model }, $class;
    @{$self}{qw(statements adjustments)} = ($statements, $adjustments);

    my ($first, $second) = @{ $tables->{sources} };
    my @tables = ($tables->{leads}, $first, $tables->{leads}, $first, $second);
    my @rows = map { $statements->insert($tables[ $_ % @tables ]) } 0 .. ($about{insertions} // 5) - 1;
    push @rows, map { $statements->insert_many($_, $about{many}) } @{ $tables->{sources} } if $about{many};
    my @adjustments = map { $adjustments->insert($model) } 1 .. ($about{adjustments} // 0);
    $self->{setup} = [
        $tables->setup_sql, $model->create_sql, Oracle::setup_sql($model), $model->draft_sql, @rows, @adjustments,
        $self->publish_sql($model),
        Checks::setup_sql($model) ];
    $self->_add_other_model(pick('a', 'z')) if chance(30);
    return $self;
}

# A second model over the same tables, which scores besides.
sub _add_other_model {
    my ($self, $name) = @_;
    my $other = $self->{other} = RandomModel->random($name, $self->{tables});
    push @{ $self->{setup} }, $other->create_sql, $other->draft_sql, 'SELECT leadscore.publish(' . literal($name) . ')';
    return;
}

sub publish_sql {
    my ($self, $model) = @_;
    return ('SELECT leadscore.publish(' . literal($model->{name}) . ')', Oracle::model_sql($model));
}

sub name { my ($self) = @_; return literal($self->{model}{name}) }
sub about { my ($self) = @_; return "seed $self->{seed}, $self->{tables}{key_type}{name}" }

# --- In a cluster ---

# The seed of a test's first scene or history; LEADSCORE_SEED repeats one.
sub first_seed { return $ENV{LEADSCORE_SEED} // int(Time::HiRes::time() * 1000) % 1_000_000_000 }

# A cluster with a template for the scenes' databases.
sub cluster {
    my ($name) = @_;
    my $node = PostgreSQL::Test::Cluster->new($name);
    $node->init;
    $node->append_conf('postgresql.conf', join("\n", 'fsync = off', 'autovacuum = off', 'jit = off', 'log_statement = none'));
    $node->start;
    $node->safe_psql('postgres', 'CREATE ROLE clerk; CREATE DATABASE with_leadscore');
    $node->safe_psql('with_leadscore', 'CREATE EXTENSION leadscore');
    return $node;
}

# Creates the scene; rows that the tables do not take are left out.
sub create {
    my ($self, $node) = @_;
    $self->{node} = $node;
    $self->{database} = "scene_$self->{seed}";
    $node->safe_psql('postgres', "CREATE DATABASE $self->{database} TEMPLATE with_leadscore");
    my $errors = '';
    my $setup = join('', map { "$_;\n" } @{ $self->{setup} });
    $node->psql($self->{database}, $setup, on_error_stop => 0, stderr => \$errors);
    my @unexpected = grep { /ERROR/ && !/duplicate key|violates foreign key|no partition of relation/ } split(/\n/, $errors);
    die "the scene of seed $self->{seed} cannot be created: @unexpected" if @unexpected;
    return $self;
}

# Runs SQL, for example a query of violations: what it gives, as text.
sub run {
    my ($self, @sql) = @_;
    return $self->{node}->safe_psql($self->{database}, join(";\n", @sql));
}

# The SQLSTATE and message that some SQL fails with; '' if it does not.
sub error {
    my ($self, $sql) = @_;
    my $errors = '';
    $self->{node}->psql($self->{database}, "\\set VERBOSITY verbose\n$sql", stderr => \$errors, on_error_stop => 0);
    return $errors =~ /ERROR: +(.*)/ ? $1 : '';
}

sub drop { my ($self) = @_; $self->{node}->safe_psql('postgres', "DROP DATABASE $self->{database}"); return }

1;
