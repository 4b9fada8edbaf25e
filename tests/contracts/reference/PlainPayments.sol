// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Paying shops, plainly
/// @notice What every shop took, got back, was paid and owes under every campaign: nothing packed,
/// nothing kept twice, all sums added up anew for every question.
contract PlainPayments {
    struct Account {
        uint256 amount;
        uint256 copay;
        uint256 paid;
        // As of the last void, payment, return or cover.
        uint256 owed;
    }

    uint32 public immutable campaigns;
    uint32 public immutable shops;
    mapping(uint32 campaign => uint256) public funded;
    mapping(uint32 campaign => mapping(uint32 shop => Account)) public accounts;
    uint256 public burnt;
    uint256 public madeAgain;

    constructor(uint32 campaigns_, uint32 shops_) {
        (campaigns, shops) = (campaigns_, shops_);
    }

    function fund(uint32 campaign, uint256 amount) external {
        funded[campaign] += amount;
    }

    function redeem(uint32 campaign, uint32 shop, uint256 amount, uint256 copay) external {
        Account storage account = accounts[campaign][shop];
        account.amount += amount;
        account.copay += copay;
    }

    function undo(uint32 campaign, uint32 shop, uint256 amount, uint256 copay) external {
        Account storage account = accounts[campaign][shop];
        account.amount -= amount;
        account.copay -= copay;
        account.owed = debt(account);
    }

    function pay(uint32 campaign, uint32 shop, int256 sum) external {
        Account storage account = accounts[campaign][shop];
        account.paid = uint256(int256(account.paid) + sum);
        account.owed = debt(account);
        burnt = uint256(int256(burnt) + sum);
    }

    function takeBack(uint32 campaign, uint32 shop, int256 sum) external {
        Account storage account = accounts[campaign][shop];
        account.paid = uint256(int256(account.paid) - sum);
        account.owed = debt(account);
        madeAgain = uint256(int256(madeAgain) + sum);
    }

    function cover(uint32 campaign, uint32 shop, uint256 amount) external {
        Account storage account = accounts[campaign][shop];
        account.paid -= amount;
        account.owed = debt(account);
    }

    // -------------------------------------------------------------------------------- questions

    /// @notice What a shop is still to be paid; below 0 what it owes.
    function due(uint32 campaign, uint32 shop) public view returns (int256) {
        Account storage account = accounts[campaign][shop];
        return int256(account.amount + account.copay) - int256(account.paid);
    }

    function owed(uint32 campaign) public view returns (uint256 sum) {
        for (uint32 shop = 1; shop <= shops; ++shop) {
            sum += accounts[campaign][shop].owed;
        }
    }

    function spent(uint32 campaign) public view returns (uint256 sum) {
        for (uint32 shop = 1; shop <= shops; ++shop) {
            sum += accounts[campaign][shop].amount + accounts[campaign][shop].owed;
        }
    }

    /// @notice What a campaign holds: what it was given, and the copays, less what was paid.
    function held(uint32 campaign) public view returns (uint256) {
        int256 sum = int256(funded[campaign]);
        for (uint32 shop = 1; shop <= shops; ++shop) {
            Account storage account = accounts[campaign][shop];
            sum += int256(account.copay) - int256(account.paid);
        }
        return uint256(sum);
    }

    /// @notice What a campaign must hold: what is unspent, and what shops are still to be paid.
    function needed(uint32 campaign) public view returns (uint256 sum) {
        sum = funded[campaign] - spent(campaign);
        for (uint32 shop = 1; shop <= shops; ++shop) {
            int256 left = due(campaign, shop);
            if (left > 0) sum += uint256(left);
        }
    }

    function debt(Account storage account) private view returns (uint256) {
        uint256 earned = account.amount + account.copay;
        return account.paid > earned ? account.paid - earned : 0;
    }
}
